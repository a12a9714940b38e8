"""How a training went so far: its losses and its figures over the epochs, few enough to keep in a row of the store."""

from typing import Any

from train.stages import Stage

MOST = 160  # points of the losses; beyond it every second one goes


class Course:
    """Collects what a training says of itself."""

    def __init__(self) -> None:
        self.losses: list[tuple[float, dict[str, float]]] = []
        self.figures: list[tuple[float, dict[str, float]]] = []
        self.apart = 0.0  # epochs between two points

    def add(self, stage: Stage) -> None:
        """Takes note of a stage; what is nearer to the last point than the others are is left out."""
        if stage.metrics and (not self.figures or self.figures[-1][0] != stage.metrics["epoch"]):
            self.figures.append((stage.metrics["epoch"], stage.metrics))
        if not stage.losses or (self.losses and stage.passed - self.losses[-1][0] < self.apart):
            return
        self.losses.append((round(stage.passed, 4), dict(stage.losses)))
        if len(self.losses) > MOST:
            self.losses = self.losses[::2]
            self.apart = self.losses[-1][0] / MOST * 2

    def as_dict(self) -> dict[str, Any]:
        """``{"losses": [[epochs, {loss: value}], ...], "figures": [[epochs, {figure: value}], ...]}``, rounded."""
        return {
            "losses": [[at, _rounded(said)] for at, said in self.losses],
            "figures": [
                [at, _rounded({name: said[name] for name in said if "@" in name})]
                for at, said in self.figures
            ],
        }


def _rounded(said: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 5) for name, value in said.items()}
