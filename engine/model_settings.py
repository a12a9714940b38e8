"""The settings of the model and of its training, each with its bounds and a description, and the presets."""

from collections.abc import Mapping, Sequence
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


class ModelSettings(BaseModel):
    """The settings of one training; the defaults are the preset ``default``.

    Raises SettingError for values that no model can be built from. A manifest's ``settings`` are read with
    ``model_validate``; settings that no longer exist are ignored.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    # Embeddings (eq. 1 to 6)
    embeddings: Literal["taste", "gcn"] = Field(
        default="taste",
        description="taste: item vectors from which items are bought together, user vectors by propagation; "
        "gcn: vectors and weights of each graph are learned (eq. 1 to 3)",
    )
    dim: int = Field(default=32, ge=1, le=512, description="width d of the embedding of one graph")
    layers: int = Field(
        default=2, ge=0, le=8, description="layers H of the graph convolutions (gcn only)"
    )
    failed_launches: bool = Field(
        default=True, description="count failed launches in the initiator graph"
    )
    friendships: bool = Field(
        default=True, description="count declared friendships in the social graph"
    )
    min_groups: int = Field(
        default=1,
        ge=0,
        le=1_000,
        description="k of the k-core: users and items in fewer groups are not trained on",
    )

    # Tokens
    tokens: Literal["roles", "views"] = Field(
        default="roles",
        description="roles: one token each for e_u, e_i and e_p; views: one for each of their six d-wide halves",
    )
    products: bool = Field(
        default=True, description="add a token of the products of the roles, graph by graph"
    )
    evidence: bool = Field(
        default=True,
        description="feed the evidence of past groups about the candidate into the tokens",
    )
    taste_rank: int = Field(
        default=256,
        ge=1,
        le=4_096,
        description="rank of the sharp taste product in the evidence",
    )
    leaning_rank: int = Field(
        default=64,
        ge=1,
        le=4_096,
        description="rank of the smooth taste product; the role vectors are made from it",
    )
    width: int = Field(
        default=32,
        ge=0,
        le=1_024,
        description="width of a token; 0 keeps the width of the roles, 2d",
    )

    # Experts and gates (eq. 7 to 15)
    attention: bool = Field(
        default=True,
        description="multi-head attention in the experts; without it the model is MAMGBR-MH",
    )
    heads: int = Field(default=4, ge=1, le=64, description="attention heads")
    output_projection: bool = Field(
        default=False,
        description="use W_O of eq. 11; slower, and redundant with the expert's first layer",
    )
    experts: int = Field(
        default=2, ge=1, le=16, description="experts in each bank: Task I, shared, Task II"
    )
    shared: bool = Field(
        default=True,
        description="have a shared bank; without it, and with one task at a time, the model is MAMGBR-M",
    )
    hidden: int = Field(default=64, ge=1, le=4_096, description="width of an expert's hidden layer")
    out: int = Field(default=32, ge=1, le=1_024, description="width of an expert's output")
    gate_hidden: int = Field(
        default=32, ge=1, le=1_024, description="width of a gate's hidden layer"
    )
    tower: int = Field(
        default=32, ge=1, le=1_024, description="width of a task tower's hidden layer"
    )
    levels: int = Field(default=1, ge=1, le=6, description="levels of experts and gates")
    dropout: float = Field(
        default=0.1,
        ge=0,
        le=0.9,
        description="share of expert outputs that are dropped in training",
    )

    # Losses (eq. 18 to 25)
    loss: Literal["softmax", "bpr"] = Field(
        default="softmax",
        description="ranking loss: sampled softmax over a positive and its negatives, or BPR over pairs",
    )
    bpr_on: Literal["logit", "probability"] = Field(
        default="logit", description="what BPR compares; the paper compares probabilities"
    )
    negatives: int = Field(
        default=16, ge=1, le=1_000, description="negatives per positive in each task"
    )
    task_weight: float = Field(
        default=1.0, ge=0, le=100, description="b of eq. 25, the weight of Task II"
    )
    tasks: Literal["both", "items", "participants"] = Field(
        default="both", description="which tasks are trained"
    )
    auxiliary_1: float = Field(
        default=0.05, ge=0, le=100, description="b_I of eq. 25, the weight of L'_I"
    )
    auxiliary_2: float = Field(
        default=0.05, ge=0, le=100, description="b_II of eq. 25, the weight of L'_II"
    )
    auxiliary_negatives: int = Field(
        default=1, ge=0, le=100, description="|T|, the number of corrupted triples of each kind"
    )

    balance: float = Field(
        default=0.1,
        ge=0,
        le=100,
        description="weight of the load-balancing loss, which keeps all experts in use",
    )

    # Training
    folds: int = Field(
        default=20,
        ge=1,
        le=100,
        description="folds of the training groups, each described by the graphs of the others; 1 takes all for both",
    )
    validation: float = Field(
        default=0.05,
        gt=0,
        lt=0.9,
        description="share of the successful groups that is held out for validation",
    )
    validation_cap: int = Field(
        default=4000,
        ge=1,
        le=1_000_000,
        description="at most this many validation groups are scored",
    )
    epochs: int = Field(
        default=2,
        ge=1,
        le=100_000,
        description="passes over the groups; a small shop takes more, see least_steps",
    )
    least_steps: int = Field(
        default=500,
        ge=1,
        le=1_000_000,
        description="minimum number of steps; a small shop takes smaller batches and more passes",
    )
    patience: int = Field(
        default=3,
        ge=1,
        le=1_000_000,
        description="evaluations without improvement before training stops early",
    )
    evaluations: int = Field(
        default=4,
        ge=1,
        le=1_000,
        description="number of evaluations, evenly spread over the training",
    )
    batch: int = Field(
        default=128, ge=1, le=1_000_000, description="maximum number of groups per step"
    )
    rate: float = Field(default=2e-3, ge=1e-06, le=10, description="peak learning rate")
    weight_decay: float = Field(default=1e-4, ge=0, le=10, description="weight decay")
    groups_an_epoch: int = Field(
        default=0, ge=0, le=1_000_000_000, description="groups drawn per epoch; 0 takes all"
    )

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


PRESETS: dict[str, ModelSettings] = {
    "default": ModelSettings(),
    # The literal reading of the paper, to compare with; the benchmark lists its results.
    "paper": ModelSettings(
        embeddings="gcn",
        failed_launches=False,
        friendships=False,
        products=False,
        evidence=False,
        width=0,
        heads=8,
        output_projection=True,
        loss="bpr",
        bpr_on="probability",
        negatives=4,
        auxiliary_1=0.3,
        auxiliary_2=0.3,
        auxiliary_negatives=4,
        balance=0.0,
        folds=1,
        epochs=4,
        least_steps=250,
        batch=4096,
        rate=5e-3,
        weight_decay=0.0,
    ),
    # For the demo shop: trains in less than a minute on two cores.
    "demo": ModelSettings(
        taste_rank=64,
        leaning_rank=32,
        least_steps=140,
        evaluations=2,
        negatives=8,
        folds=3,
        validation=0.1,
        validation_cap=600,
    ),
}


def preset(name: str, changes: Sequence[str] = ()) -> ModelSettings:
    """A preset with ``name=value`` changes; raises SettingError for an unknown preset or setting, or a bad value."""
    if name not in PRESETS:
        raise SettingError("engine.settings.unknown_preset", name=name, presets=", ".join(PRESETS))
    return PRESETS[name].with_changes(changes)


def differing_from_preset(
    name: str, settings: Mapping[str, Any], ignore: Sequence[str] = ()
) -> dict[str, Any]:
    """The ``settings`` of a past training whose values differ from today's preset.

    Leaves out the names in ``ignore`` and settings that no longer exist.
    """
    today = preset(name).model_dump()
    return {
        setting: value
        for setting, value in settings.items()
        if setting in today and setting not in ignore and today[setting] != value
    }


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
