"""The ablations of the paper's table 3 on MAMGBR as its paper reads; the settings searched for that serve all."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from db.logs import Task
from engine.model_settings import ModelSettings
from train.benchmark.systems.mgbr import MamgbrPaper
from train.benchmark.systems.searched import Scope, Values, scope_name


class PaperAblation(MamgbrPaper):
    """The paper's reading without one of its parts: ``fixed`` settings outrank those of a search."""

    fixed: ClassVar[Mapping[str, Any]]

    def config(self, scope: Scope, values: Values) -> ModelSettings:
        """The settings of the network of a scope, without the part."""
        return super().config(scope, {**values, **self.fixed})

    def setting(self, scope: Scope) -> Values:
        """What the search for both tasks together chose, even where each has a network of its own."""
        chosen = self.tuning.chosen.get(scope_name(tuple(Task)), {})
        return {**self.own_setting(scope), **chosen, **self.fixed}


class PaperSeparateTasks(PaperAblation):
    """A network for each task, with as many experts as read for it in the whole model (MAMGBR-M)."""

    name = "mamgbr-paper-M"
    scopes: ClassVar[Sequence[Scope]] = tuple((task,) for task in Task)
    fixed: ClassVar[Mapping[str, Any]] = {"shared": False, "experts": 4}


class PaperWithoutAttention(PaperAblation):
    """Experts without multi-head attention (MAMGBR-MH)."""

    name = "mamgbr-paper-MH"
    fixed: ClassVar[Mapping[str, Any]] = {"attention": False}


class PaperWithoutAuxiliaryLosses(PaperAblation):
    """Without the losses of corrupted triples (MAMGBR-L)."""

    name = "mamgbr-paper-L"
    fixed: ClassVar[Mapping[str, Any]] = {"auxiliary_1": 0.0, "auxiliary_2": 0.0}
