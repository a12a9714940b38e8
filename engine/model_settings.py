"""Every choice of the model and of its training, each with a default and a sentence, and the presets."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args, get_type_hints

from db.errors import SettingError


def _setting(
    default: Any, meaning: str, least: float | None = None, most: float | None = None
) -> Any:
    """A field with its sentence, which the help shows, and the least and the most that it may be."""
    return field(default=default, metadata={"meaning": meaning, "least": least, "most": most})


@dataclass(frozen=True)
class Config:
    """Settings of one training. The defaults are the preset ``default``; design choices name their equation."""

    # Embeddings (eq. 1 to 6)
    embeddings: Literal["taste", "gcn"] = _setting(
        "taste",
        "taste: item vectors from how items go together, users by propagation over each graph; "
        "gcn: free vectors and weights per graph, learned (eq. 1 to 3)",
    )
    dim: int = _setting(32, "width d of one graph's embedding", 1, 512)
    layers: int = _setting(2, "layers H of the graph convolution (gcn only)", 0, 8)
    failed_launches: bool = _setting(True, "failed launches join the initiator graph")
    friendships: bool = _setting(True, "declared friendships join the social graph")
    min_groups: int = _setting(
        1, "k of the k-core: entities in fewer groups are not trained on", 0, 1_000
    )

    # Tokens
    tokens: Literal["roles", "views"] = _setting(
        "roles", "roles: e_u, e_i, e_p as they are; views: their six d-wide halves"
    )
    products: bool = _setting(True, "a token of the per-graph products of the roles")
    evidence: bool = _setting(True, "tokens that carry what past groups say about the candidate")
    taste_rank: int = _setting(
        256, "dimensions of the sharp taste product in the evidence", 1, 4_096
    )
    leaning_rank: int = _setting(
        64, "dimensions of the smooth one; the role vectors come from it", 1, 4_096
    )
    width: int = _setting(
        32, "width of a token; 0 leaves the roles as wide as they are, 2d", 0, 1_024
    )

    # Experts and gates (eq. 7 to 15)
    attention: bool = _setting(True, "multi-head attention in the experts; off is MAMGBR-MH")
    heads: int = _setting(4, "attention heads", 1, 64)
    output_projection: bool = _setting(
        False, "W_O of eq. 11; it merges with the expert's first layer and costs time"
    )
    experts: int = _setting(2, "experts in each bank: Task I, shared, Task II", 1, 16)
    shared: bool = _setting(True, "the shared bank; off, with one task at a time, is MAMGBR-M")
    hidden: int = _setting(64, "width of an expert's hidden layer", 1, 4_096)
    out: int = _setting(32, "width of an expert's output", 1, 1_024)
    gate_hidden: int = _setting(32, "width of a gate's hidden layer", 1, 1_024)
    tower: int = _setting(32, "width of a task tower's hidden layer", 1, 1_024)
    levels: int = _setting(1, "levels of experts and gates", 1, 6)
    dropout: float = _setting(0.1, "share of expert outputs dropped in training", 0, 0.9)

    # Losses (eq. 18 to 25)
    loss: Literal["softmax", "bpr"] = _setting("softmax", "how positives meet their negatives")
    bpr_on: Literal["logit", "probability"] = _setting(
        "logit", "what BPR compares; probability is the paper's reading"
    )
    negatives: int = _setting(16, "negatives a positive in each task", 1, 1_000)
    task_weight: float = _setting(1.0, "b of eq. 25, the weight of Task II", 0, 100)
    tasks: Literal["both", "items", "participants"] = _setting("both", "which tasks are trained")
    auxiliary_1: float = _setting(0.05, "b_I of eq. 25, the weight of L'_I", 0, 100)
    auxiliary_2: float = _setting(0.05, "b_II of eq. 25, the weight of L'_II", 0, 100)
    auxiliary_negatives: int = _setting(1, "|T|, the corrupted triples of each kind", 0, 100)

    balance: float = _setting(
        0.1, "weight of what keeps all experts in use where answers are right", 0, 100
    )

    # Training
    folds: int = _setting(
        20,
        "parts of the groups, each supervised on the graphs of the others; 1 uses all for both",
        1,
        100,
    )
    validation: float = _setting(0.05, "share of the successful groups kept for validation")
    validation_cap: int = _setting(4000, "most groups that are scored for validation", 1, 1_000_000)
    epochs: int = _setting(2, "passes over the groups of a large shop", 1, 100_000)
    least_steps: int = _setting(
        500,
        "steps in all, at least; a small shop takes smaller batches and more passes",
        1,
        1_000_000,
    )
    patience: int = _setting(
        3, "evaluations without a better figure before training stops", 1, 1_000_000
    )
    evaluations: int = _setting(4, "evaluations in all, evenly spread", 1, 1_000)
    batch: int = _setting(128, "groups a step, at most", 1, 1_000_000)
    rate: float = _setting(2e-3, "peak learning rate", 1e-06, 10)
    weight_decay: float = _setting(1e-4, "weight decay", 0, 10)
    groups_an_epoch: int = _setting(0, "groups drawn an epoch; 0 takes all", 0, 1_000_000_000)

    def __post_init__(self) -> None:
        """Refuses settings that no model can be built from."""
        for item in dataclasses.fields(self):
            _check_bounds(item.name, getattr(self, item.name), **bounds(item.name))
        width = self.width or 2 * self.dim
        if width % self.heads:
            raise SettingError(
                f"heads={self.heads} does not divide the token width {width}. "
                f"Choose heads from the divisors of {width}, or another width."
            )
        if not 0 < self.validation < 0.9:
            raise SettingError(f"validation={self.validation} must lie between 0 and 0.9.")
        if self.embeddings == "taste" and self.leaning_rank < self.dim:
            raise SettingError(
                f"leaning_rank={self.leaning_rank} must be at least dim={self.dim}: the role "
                f"vectors are made from these dimensions."
            )
        if self.embeddings == "gcn" and self.folds > 1:
            raise SettingError(
                "embeddings=gcn learns one set of vectors and cannot train on folds. Set folds=1."
            )


PRESETS: dict[str, dict[str, Any]] = {
    "default": {},
    # The literal reading of the paper, for comparison: what it gives is in the benchmark.
    "paper": {
        "embeddings": "gcn",
        "failed_launches": False,
        "friendships": False,
        "products": False,
        "evidence": False,
        "width": 0,
        "heads": 8,
        "output_projection": True,
        "loss": "bpr",
        "bpr_on": "probability",
        "negatives": 4,
        "auxiliary_1": 0.3,
        "auxiliary_2": 0.3,
        "auxiliary_negatives": 4,
        "balance": 0.0,
        "folds": 1,
        "epochs": 4,
        "least_steps": 250,
        "batch": 4096,
        "rate": 5e-3,
        "weight_decay": 0.0,
    },
    # For the demo shop: small enough for a minute on two cores.
    "demo": {
        "taste_rank": 64,
        "leaning_rank": 32,
        "least_steps": 140,
        "evaluations": 2,
        "negatives": 8,
        "folds": 3,
        "validation": 0.1,
        "validation_cap": 600,
    },
}


def preset(name: str, changes: Sequence[str] = ()) -> Config:
    """The preset with ``name=value`` changes; a ``SettingError`` names what is unknown or unfit."""
    if name not in PRESETS:
        raise SettingError(f"There is no preset {name!r}. Choose one of {', '.join(PRESETS)}.")
    return changed(Config(**PRESETS[name]), changes)


def changed(config: Config, changes: Sequence[str]) -> Config:
    """``config`` with ``name=value`` changes."""
    kinds = get_type_hints(Config)
    values: dict[str, Any] = {}
    for change in changes:
        name, equals, text = change.partition("=")
        if not equals or name not in kinds:
            raise SettingError(
                f"--set {change!r} names no setting. Write name=value with one of: "
                f"{', '.join(kinds)}."
            )
        values[name] = _read(name, text, kinds[name])
    return dataclasses.replace(config, **values)


def otherwise(
    name: str, settings: Mapping[str, Any], apart_from: Sequence[str] = ()
) -> dict[str, Any]:
    """Those of a past training's ``settings`` that today's preset ``name`` has otherwise.

    Without what ``apart_from`` names, and without settings that there are no more.
    """
    today = dataclasses.asdict(preset(name))
    return {
        setting: value
        for setting, value in settings.items()
        if setting in today and setting not in apart_from and today[setting] != value
    }


def _read(name: str, text: str, kind: Any) -> Any:
    choices = get_args(kind)
    if choices:
        if text not in choices:
            raise SettingError(f"{name}={text!r} is unknown. Choose one of {', '.join(choices)}.")
        return text
    if kind is bool:
        words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
        if text.lower() not in words:
            raise SettingError(f"{name}={text!r} must be true or false.")
        return words[text.lower()]
    try:
        return kind(text)
    except ValueError:
        raise SettingError(f"{name}={text!r} must be a number ({kind.__name__}).") from None


def bounds(name: str) -> dict[str, float | None]:
    """The ``least`` and the ``most`` that a setting may be; None where there is no such end."""
    metadata = Config.__dataclass_fields__[name].metadata
    return {"least": metadata["least"], "most": metadata["most"]}


def _check_bounds(name: str, value: Any, least: float | None, most: float | None) -> None:
    if least is not None and not value >= least:
        raise SettingError(f"{name}={value} is too small: it must be at least {least:g}.")
    if most is not None and not value <= most:
        raise SettingError(f"{name}={value} is too large: it must be at most {most:g}.")


def meanings() -> dict[str, str]:
    """Each setting's sentence, by its name."""
    return {item.name: str(item.metadata["meaning"]) for item in dataclasses.fields(Config)}
