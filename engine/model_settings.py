"""The settings of the model and of its training, each with its bounds and a description."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self, get_args

import annotated_types
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails

from db.errors import SettingError
from db.messages import Term


def _setting(
    default: Any, description: str, least: float | None = None, most: float | None = None
) -> Any:
    """A field with its description and its inclusive bounds."""
    return Field(default=default, ge=least, le=most, description=description)


class ModelSettings(BaseModel):
    """The settings of one training; the defaults are the preset ``default``.

    Raises SettingError for values that no model can be built from. A manifest's ``settings`` are read with
    ``model_validate``; settings that no longer exist are ignored.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    # Embeddings (eq. 1 to 6)
    embeddings: Literal["taste", "gcn"] = _setting(
        "taste",
        "taste: item vectors from which items are bought together, user vectors by propagation; "
        "gcn: vectors and weights of each graph are learned (eq. 1 to 3)",
    )
    dim: int = _setting(32, "width d of the embedding of one graph", 1, 512)
    layers: int = _setting(2, "layers H of the graph convolutions (gcn only)", 0, 8)
    failed_launches: bool = _setting(True, "count failed launches in the initiator graph")
    friendships: bool = _setting(True, "count declared friendships in the social graph")
    min_groups: int = _setting(
        1, "k of the k-core: users and items in fewer groups are not trained on", 0, 1_000
    )

    question: Literal["auto", "new", "any"] = _setting(
        "auto",
        "what Task I learns: new: items that the initiator has not launched yet; any: repeats as well; "
        "auto: any where at least a tenth of the shop's launches are repeats",
    )

    # Tokens
    tokens: Literal["roles", "views"] = _setting(
        "roles",
        "roles: one token each for e_u, e_i and e_p; views: one for each of their six d-wide halves",
    )
    products: bool = _setting(True, "add a token of the products of the roles, graph by graph")
    evidence: bool = _setting(
        True, "feed the evidence of past groups about the candidate into the tokens"
    )
    timed_evidence: Literal["auto", "on", "off"] = _setting(
        "auto",
        "describe candidates as of the moment of each launch, recent groups weighing more; auto: where the logs "
        "have launch times",
    )
    taste_rank: int = _setting(256, "rank of the sharp taste product (untimed evidence)", 1, 4_096)
    leaning_rank: int = _setting(
        64, "rank of the smooth taste product; the role vectors are made from it", 1, 4_096
    )
    width: int = _setting(32, "width of a token; 0 keeps the width of the roles, 2d", 0, 1_024)

    # Experts and gates (eq. 7 to 15)
    attention: bool = _setting(
        True, "multi-head attention in the experts; without it the model is MAMGBR-MH"
    )
    heads: int = _setting(4, "attention heads", 1, 64)
    output_projection: bool = _setting(
        False, "use W_O of eq. 11; slower, and redundant with the expert's first layer"
    )
    experts: int = _setting(2, "experts in each bank: Task I, shared, Task II", 1, 16)
    shared: bool = _setting(
        True, "have a shared bank; without it, and with one task at a time, the model is MAMGBR-M"
    )
    hidden: int = _setting(64, "width of an expert's hidden layer", 1, 4_096)
    out: int = _setting(32, "width of an expert's output", 1, 1_024)
    gate_hidden: int = _setting(32, "width of a gate's hidden layer", 1, 1_024)
    tower: int = _setting(32, "width of a task tower's hidden layer", 1, 1_024)
    levels: int = _setting(1, "levels of experts and gates", 1, 6)
    dropout: float = _setting(0.1, "share of expert outputs that are dropped in training", 0, 0.9)

    # Losses (eq. 18 to 25)
    loss: Literal["softmax", "bpr"] = _setting(
        "softmax",
        "ranking loss: sampled softmax over a positive and its negatives, or BPR over pairs",
    )
    bpr_on: Literal["logit", "probability"] = _setting(
        "logit", "what BPR compares; the paper compares probabilities"
    )
    negatives: int = _setting(16, "negatives per positive in each task", 1, 1_000)
    task_weight: float = _setting(1.0, "b of eq. 25, the weight of Task II", 0, 100)
    tasks: Literal["both", "items", "participants"] = _setting("both", "which tasks are trained")
    auxiliary_1: float = _setting(0.05, "b_I of eq. 25, the weight of L'_I", 0, 100)
    auxiliary_2: float = _setting(0.05, "b_II of eq. 25, the weight of L'_II", 0, 100)
    auxiliary_negatives: int = _setting(
        1, "|T|, the number of corrupted triples of each kind", 0, 100
    )

    balance: float = _setting(
        0.1, "weight of the load-balancing loss, which keeps all experts in use", 0, 100
    )

    # Training
    folds: int = _setting(
        20,
        "folds of the training groups, each described by the graphs of the others; 1 takes all for both",
        1,
        100,
    )
    blocks: int = _setting(
        6,
        "with timed evidence, blocks in time in place of folds: each has the role vectors of what came before",
        1,
        100,
    )
    recent_groups: int = _setting(
        20_000,
        "with timed evidence, at most this many of the latest groups are learned from; all are evidence",
        50,
        1_000_000_000,
    )
    days_ahead: int = _setting(
        90,
        "with timed evidence, every launch is also learned as asked up to this many days before it; "
        "0: only as of its own moment",
        0,
        90,
    )
    validation: float = Field(
        default=0.05,
        gt=0,
        lt=0.9,
        description="share of the successful groups that is held out for validation: the last ones where "
        "the logs have launch times (of 13 weeks at most), else a random sample",
    )
    validation_cap: int = _setting(
        4000,
        "at most this many validation groups are scored, for metrics and for chances",
        1,
        1_000_000,
    )
    epochs: int = _setting(
        2, "passes over the groups; a small shop takes more, see least_steps", 1, 100_000
    )
    least_steps: int = _setting(
        500,
        "minimum number of steps; a small shop takes smaller batches and more passes",
        1,
        1_000_000,
    )
    patience: int = _setting(
        3, "evaluations without improvement before training stops early", 1, 1_000_000
    )
    evaluations: int = _setting(
        4, "number of evaluations, evenly spread over the training", 1, 1_000
    )
    batch: int = _setting(128, "maximum number of groups per step", 1, 1_000_000)
    rate: float = _setting(2e-3, "peak learning rate", 1e-06, 10)
    weight_decay: float = _setting(1e-4, "weight decay", 0, 10)
    groups_an_epoch: int = _setting(0, "groups drawn per epoch; 0 takes all", 0, 1_000_000_000)

    @model_validator(mode="wrap")
    @classmethod
    def _check(cls, values: Any, validate: ModelWrapValidatorHandler[Self]) -> Self:
        """Turns pydantic's errors into ours, and checks the settings that depend on each other."""
        try:
            settings = validate(values)
        except ValidationError as error:
            raise _setting_error(error.errors()[0]) from None
        settings._check_combinations()
        return settings

    def _check_combinations(self) -> None:
        if self.token_width % self.heads:
            raise SettingError(
                "engine.settings.heads_do_not_divide",
                heads=self._term("heads"),
                width=self.token_width,
                heads_setting=Term("setting", "heads"),
                width_setting=Term("setting", "width"),
            )
        if self.embeddings == "taste" and self.leaning_rank < self.dim:
            raise SettingError(
                "engine.settings.leaning_rank_below_dim",
                leaning_rank=self._term("leaning_rank"),
                dim=self._term("dim"),
            )
        if self.embeddings == "gcn" and self.folds > 1:
            raise SettingError(
                "engine.settings.gcn_needs_one_fold",
                embeddings=self._term("embeddings"),
                folds=Term("setting", "folds", "1"),
            )

    @property
    def knows_time(self) -> bool:
        """Whether evidence is timed; known once a training has settled what ``auto`` means for its logs."""
        return self.evidence and self.timed_evidence == "on"

    @property
    def token_width(self) -> int:
        """The width of a token: ``width``, or that of a role vector where ``width`` is 0."""
        return self.width or 2 * self.dim

    def with_changes(self, changes: Sequence[str]) -> "ModelSettings":
        """These settings with ``name=value`` changes applied in order; raises SettingError."""
        values = self.model_dump()
        for change in changes:
            name, equals, text = change.partition("=")
            if not equals or name not in values:
                raise SettingError(
                    "engine.settings.unknown", change=change, names=", ".join(values)
                )
            values[name] = text
        return ModelSettings.model_validate(values)

    def replace(self, **values: Any) -> "ModelSettings":
        """These settings with other values; raises SettingError."""
        return ModelSettings.model_validate(self.model_dump() | values)

    def _term(self, name: str) -> Term:
        return Term("setting", name, str(getattr(self, name)))


def descriptions() -> dict[str, str]:
    """One line of description for each setting, by name."""
    return {name: str(field.description) for name, field in ModelSettings.model_fields.items()}


def setting_types() -> dict[str, Any]:
    """The type of each setting, by name: bool, int, float, or a Literal of its choices."""
    return {name: field.annotation for name, field in ModelSettings.model_fields.items()}


@dataclass(frozen=True)
class Bounds:
    """The smallest and the largest value that a setting may have; None where it is not bounded."""

    least: float | None
    most: float | None


def bounds(name: str) -> Bounds:
    """The inclusive bounds of a setting."""
    least = most = None
    for constraint in ModelSettings.model_fields[name].metadata:
        if isinstance(constraint, annotated_types.Ge):
            least = constraint.ge
        elif isinstance(constraint, annotated_types.Le):
            most = constraint.le
    return Bounds(least, most)  # type: ignore[arg-type]


def _setting_error(error: ErrorDetails) -> SettingError:
    """What pydantic found wrong with one setting, as an error for people."""
    name = str(error["loc"][0])
    given = Term("setting", name, str(error["input"]))
    kind = setting_types()[name]
    limits = error.get("ctx", {})
    match error["type"]:
        case "greater_than_equal":
            return SettingError(
                "engine.settings.too_small", setting=given, least=f"{limits['ge']:g}"
            )
        case "less_than_equal":
            return SettingError(
                "engine.settings.too_large", setting=given, most=f"{limits['le']:g}"
            )
        case "greater_than" | "less_than":
            return SettingError("engine.settings.validation_share", setting=given)
        case "literal_error":
            return SettingError(
                "engine.settings.not_a_choice", setting=given, choices=", ".join(get_args(kind))
            )
    if kind is bool:
        return SettingError("engine.settings.not_true_or_false", setting=given)
    key = "not_a_whole_number" if kind is int else "not_a_number"
    return SettingError(f"engine.settings.{key}", setting=given)
