"""The state of a training on disk, from which an interrupted training resumes."""

import dataclasses
import io
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

from db.atomic import write_atomically

ABANDONED_AFTER = 14 * 86_400  # seconds; a checkpoint of Beibei's size takes some megabytes


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
    write_atomically(path, content.getvalue())


def read_checkpoint(path: Path, state: TrainingState) -> None:
    """Restores a state that ``write_checkpoint`` wrote, perhaps on another device, into ``state``."""
    stored = torch.load(path, map_location="cpu", weights_only=True)
    state.module.load_state_dict(stored["module"])
    state.optimizer.load_state_dict(stored["optimizer"])
    state.schedule.load_state_dict(stored["schedule"])
    state.progress = Progress(**stored["progress"])
    torch.set_rng_state(stored["random"])
    state.best_weights = stored["best"]


def remove_abandoned(folder: Path, own: Path) -> None:
    """Removes checkpoints in ``folder`` that have not been written for two weeks, except ``own``.

    A running training writes its own again and again, so none of these can belong to one. A file that cannot be
    removed stays, and costs nothing but space.
    """
    for path in folder.glob("*"):
        if path.suffix in (".pt", ".part") and path != own:
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > ABANDONED_AFTER:
                    path.unlink()
