"""The settings that a search chose for a system, with all that it tried: a small file a system, ``tuned/NAME.json``."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from db.errors import ResultsError
from db.messages import Term
from engine.benchmark.records import Moment, write_result
from train.benchmark.systems.registry import SYSTEMS
from train.benchmark.systems.searched import Tuning

FOLDER = "tuned"


class Tried(BaseModel):
    """One training of a search; ``quality`` is the mean of MRR@100 and NDCG@100 of its best evaluation."""

    model_config = ConfigDict(frozen=True)
    trial: int
    groups: int  # that it learned from
    setting: dict[str, Any]
    quality: float
    evaluations: int
    seconds: float
    pruned: bool = False  # stopped, because others were better after as many evaluations


class ScopeSearch(BaseModel):
    """The search for the tasks that share settings, "items", "participants" or "items+participants".

    ``on_all`` are the best two settings and the system's own again, trained on all training groups; the best of these
    is ``chosen``. ``at_end`` names the chosen values that lie at an end of where they were searched, which should then
    be widened.
    """

    model_config = ConfigDict(frozen=True)
    chosen: dict[str, Any]
    at_end: dict[str, str]
    on_all: list[Tried]
    trials: list[Tried]

    @property
    def best(self) -> Tried:
        """The training whose settings were chosen."""
        return max(self.on_all, key=lambda one: one.quality)

    @property
    def trained(self) -> list[Tried]:
        """Every training once: where trials learned from all groups, the finalists are trials."""
        return [*self.trials, *(one for one in self.on_all if one not in self.trials)]


class TunedSettings(BaseModel):
    """What the search for one system found and took; ``command`` is what a person types to search again."""

    model_config = ConfigDict(frozen=True)
    system: str
    scopes: dict[str, ScopeSearch]
    trials: int  # a scope
    groups: int  # that a trial learns from
    training_groups: int
    validation_groups: int
    evaluations: int
    seconds: float
    key: str  # names the search by everything that decides what it finds but the code
    seed: int
    data_version: str
    code_version: str
    measured_at: Moment
    command: str

    def tuning(self) -> Tuning:
        """What a benchmark takes of it: the chosen settings, and the budget for its records."""
        facts = self.model_dump(mode="json", exclude={"system", "scopes", "command"})
        at_end = {
            f"{scope}/{name}": end
            for scope, search in self.scopes.items()
            for name, end in search.at_end.items()
        }
        chosen = {scope: search.chosen for scope, search in self.scopes.items()}
        return Tuning(chosen, facts | ({"at_end": at_end} if at_end else {}))


def tuned_file(folder: Path, system: str) -> Path:
    """Where the search for a system is written."""
    return folder / f"{system}.json"


def write_tuned(folder: Path, tuned: TunedSettings) -> None:
    """Writes the file of one system, whole or not at all; raises ResultsError where that fails."""
    write_result(tuned_file(folder, tuned.system), tuned.model_dump_json(indent=1) + "\n")


def all_tuned(folder: Path) -> list[TunedSettings]:
    """Every search in the folder, by the name of its system."""
    found = (read_tuned(path) for path in sorted(folder.glob("*.json")))
    return [one for one in found if one is not None]


def read_tuned(path: Path) -> TunedSettings | None:
    """The search in a file; None where there is no file. Raises ResultsError where it holds something else."""
    try:
        return TunedSettings.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        reason = Term("system", error.strerror or "", str(error.errno))
        raise ResultsError("engine.benchmark.unreadable", file=str(path), reason=reason) from error
    except ValidationError as error:
        place = ".".join(map(str, error.errors()[0]["loc"]))
        raise ResultsError("train.tune.bad_file", file=str(path), field=place) from error


def read_tunings(folder: Path, systems: Iterable[str]) -> Mapping[str, Tuning]:
    """What searches chose for these systems, by the system that was searched; those without a search stay out."""
    searched = dict.fromkeys(SYSTEMS[name].tuned_as for name in systems)
    found = {name: read_tuned(tuned_file(folder, name)) for name in searched if name}
    return {name: tuned.tuning() for name, tuned in found.items() if tuned is not None}
