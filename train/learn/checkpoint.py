"""A training's state on disk, so that one that was cut off goes on instead of starting again."""

import dataclasses
import io
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from db.atomic import write_atomically

FORGOTTEN_AFTER = 14 * 86_400  # seconds; one of Beibei's size takes some megabytes


def write_checkpoint(
    path: Path,
    module: nn.Module,
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    progress: Any,
    best: dict[str, Tensor],
) -> None:
    """Writes everything under another name and renames it, so that no moment leaves half a checkpoint.

    Raises OSError where the disk is full; an earlier checkpoint is still there then.
    """
    state = {
        "module": module.state_dict(),
        "optimizer": optimizer.state_dict(),
        "schedule": schedule.state_dict(),
        "progress": dataclasses.asdict(progress),
        "random": torch.get_rng_state(),
        "best": best,
    }
    content = io.BytesIO()  # torch's own writer turns a full disk into an error of another kind
    torch.save(state, content)
    write_atomically(path, content.getvalue())


def read_checkpoint(
    path: Path,
    module: nn.Module,
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    progress: Any,
) -> dict[str, Tensor]:
    """Restores what ``write_checkpoint`` wrote, perhaps on another device, and gives back the best weights so far."""
    state = torch.load(path, map_location="cpu", weights_only=True)
    module.load_state_dict(state["module"])
    optimizer.load_state_dict(state["optimizer"])
    schedule.load_state_dict(state["schedule"])
    for name, value in state["progress"].items():
        setattr(progress, name, value)
    torch.set_rng_state(state["random"])
    best: dict[str, Tensor] = state["best"]
    return best


def remove_abandoned(folder: Path, own: Path) -> None:
    """Removes the checkpoints in ``folder`` that nobody went on from for two weeks, except ``own``.

    A training that is under way writes its own again and again, so none of these can be its. One that cannot be
    removed stays: it costs nothing but room.
    """
    for path in folder.glob("*"):
        if path.suffix in (".pt", ".part") and path != own:
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > FORGOTTEN_AFTER:
                    path.unlink()
