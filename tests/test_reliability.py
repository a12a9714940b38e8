"""The table of faults names tests that are there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "docs" / "reliability.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py|…)(?:::(\w+))?`")


def test_every_test_that_the_table_of_faults_names_is_there() -> None:
    file, seen = "", 0
    for place, name in NAMED.findall(TABLE.read_text()):
        file = file if place == "…" else place  # as in the row above
        source = (ROOT / file).read_text()
        assert not name or f"def {name}(" in source, (file, name)
        seen += 1
    assert seen > 50
