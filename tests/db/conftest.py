"""How tests import a text as if it were a file."""

from collections.abc import Callable
from pathlib import Path

import pytest

from db.importing.pipeline import import_files
from db.importing.report import ImportReport
from db.store import Store

Import = Callable[..., ImportReport]


@pytest.fixture
def importing(tmp_path: Path) -> Import:
    """Write a text into a file and import it: ``importing(store, "a.csv", text, **options)``."""

    def run(store: Store, name: str, content: str | bytes, **options: object) -> ImportReport:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return import_files(store, [path], **options)[0]

    return run
