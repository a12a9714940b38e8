"""For all tests: settings of their own, one demo shop with one trained model, and what a machine must have."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from required import LEFT_OUT, left_out
from whole_shop import Shop, shop_in

pytest_plugins = ["stores"]  # fixtures of stores, for all packages
OWN_TRAINING = "test_browser.py"
USERS = 600  # small enough to train in seconds, large enough that rankings mean something
# Fewer steps than the preset, on fewer lists: as good as the preset's model for what is shown of it, in half the time.
QUICKER = ("least_steps=40", "evaluations=1", "negatives=4", "validation_cap=150")


def pytest_report_header() -> str | None:
    """Says at the top what the run does without."""
    return f"{LEFT_OUT}: {', '.join(sorted(left_out()))}" if left_out() else None


def pytest_make_parametrize_id(val: object) -> str | None:
    """Names a parameter of packed bytes without its content: gzip holds the time, and test processes must agree."""
    return "bytes" if isinstance(val, bytes) and not val.isascii() else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever drives a browser is slow; the file that trains a model of its own comes first.

    So one process is busy with it while another trains the model that the other files wait for.
    """
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: item.path.name != OWN_TRAINING)


@pytest.fixture(scope="session", autouse=True)
def own_places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Stands in for the default store and models, in this process and in those that it starts."""
    folder = tmp_path_factory.mktemp("places")
    environment = {"MAMGBR_DB": f"sqlite:///{folder / 'shop.db'}", "MAMGBR_MODELS": str(folder)}
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    yield
    for name, value in before.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Trainings on one thread each: the processes of a run share the cores, and more threads would only wait."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAMGBR_THREADS", "1")
        yield


@pytest.fixture(scope="session")
def copy_of(
    tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Callable[[str, Callable[[Path], None]], Path]:
    """``copy_of(name, make)``: a copy of the folder that ``make`` filled, once for all processes of a run.

    Each process has its own: an open SQLite store has files that come and go.
    """
    root = tmp_path_factory.getbasetemp()
    if worker_id != "master":
        root = root.parent  # what the processes of one run share

    def folder(name: str, make: Callable[[Path], None]) -> Path:
        made = root / f"{name}.made"
        with FileLock(root / f"{name}.lock"):
            if not made.exists():
                unfinished = root / f"{name}.unfinished"
                shutil.rmtree(unfinished, ignore_errors=True)
                make(unfinished)
                unfinished.rename(made)
        own = tmp_path_factory.mktemp(name)
        shutil.copytree(made, own, dirs_exist_ok=True)
        return own

    return folder


@pytest.fixture(scope="session")
def stocked(copy_of: Callable[[str, Callable[[Path], None]], Path]) -> Shop:
    """A demo shop without a model, made through the commands; tests leave it as it is."""

    def make(folder: Path) -> None:
        folder.mkdir()
        shop_in(folder).command("db", "demo", "--users", str(USERS), "--until", "2025-06-30")

    return shop_in(copy_of("stocked", make))


@pytest.fixture(scope="session")
def trained(copy_of: Callable[[str, Callable[[Path], None]], Path], stocked: Shop) -> Shop:
    """The demo shop with a serving demo model, trained through the commands; tests leave it as it is."""

    def make(folder: Path) -> None:
        shutil.copytree(stocked.folder, folder)
        words = [word for change in QUICKER for word in ("--set", change)]
        shop_in(folder).command("train", "fit", "--preset", "demo", "--promote", *words)

    return shop_in(copy_of("trained", make))
