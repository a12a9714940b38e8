"""The state of a training on disk, from which an interrupted training resumes.

A file is the SHA-256 of a state and then the state, as torch writes it: torch itself does not notice a flipped bit.
"""

import dataclasses
import hashlib
import io
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

from db.atomic import write_atomically

KEPT = 10  # the latest checkpoints of other trainings; one of Beibei's size takes some megabytes
DAMAGED = ".damaged"  # ends the name of a checkpoint that was set aside
_DIGEST = hashlib.sha256().digest_size


@dataclass
class Progress:
    """How far a training is; ``best`` is its best quality, and ``stale`` the evaluations since then."""

    step: int = 0
    best: float = float("-inf")
    stale: int = 0
    history: list[dict[str, float]] = field(default_factory=list)


@dataclass
class TrainingState:
    """All that a training needs to resume, beside the state of torch's random numbers."""

    module: nn.Module
    optimizer: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LRScheduler
    progress: Progress
    best_weights: dict[str, Tensor]


def write_checkpoint(path: Path, state: TrainingState) -> None:
    """Writes the state atomically; raises OSError where the disk is full, and keeps the previous checkpoint then."""
    content = io.BytesIO()  # torch's own writer raises something else where the disk is full
    torch.save(
        {
            "module": state.module.state_dict(),
            "optimizer": state.optimizer.state_dict(),
            "schedule": state.schedule.state_dict(),
            "progress": dataclasses.asdict(state.progress),
            "random": torch.get_rng_state(),
            "best": state.best_weights,
        },
        content,
    )
    state_bytes = content.getvalue()
    write_atomically(path, hashlib.sha256(state_bytes).digest() + state_bytes)


class UnreadableCheckpoint(Exception):  # noqa: N818
    """A checkpoint is damaged, or another version of torch wrote it."""


def read_checkpoint(path: Path, state: TrainingState) -> None:
    """Restores a state that ``write_checkpoint`` wrote, perhaps on another device, into ``state``.

    Raises UnreadableCheckpoint, after which ``state`` is of no use.
    """
    try:
        content = path.read_bytes()
        if hashlib.sha256(content[_DIGEST:]).digest() != content[:_DIGEST]:
            raise UnreadableCheckpoint(path)
        stored = torch.load(io.BytesIO(content[_DIGEST:]), map_location="cpu", weights_only=True)
        state.module.load_state_dict(stored["module"])
        state.optimizer.load_state_dict(stored["optimizer"])
        state.schedule.load_state_dict(stored["schedule"])
        state.progress = Progress(**stored["progress"])
        torch.set_rng_state(stored["random"])
        state.best_weights = stored["best"]
    except MemoryError:
        raise
    except Exception as error:
        raise UnreadableCheckpoint(path) from error


def set_aside(path: Path) -> Path:
    """Renames a checkpoint that cannot be resumed from, and returns its new name."""
    return path.replace(path.with_suffix(DAMAGED))


def remove_abandoned(folder: Path, own: Path) -> None:
    """Removes all but the latest ``KEPT`` checkpoints in ``folder``, damaged ones included, and ``own``.

    By their order and not by their age, which a moved clock makes up. A file that cannot be removed stays, and costs
    nothing but space.
    """
    with suppress(OSError):
        others = [
            (path.stat().st_mtime, path)
            for path in folder.glob("*")
            if path.suffix in (".pt", DAMAGED) and path != own
        ]
        for _, path in sorted(others)[:-KEPT]:
            path.unlink(missing_ok=True)
