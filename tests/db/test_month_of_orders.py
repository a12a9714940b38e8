"""A month of orders arrives with every group right, in whichever layout it was exported."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from exports import month
from exports.case import Group, Outcome
from exports.judge import differences, read

from db.command import main

Layout = Callable[[Sequence[month.Launch]], tuple[bytes, list[Group]]]

_POINTERS = [part for pair in month.POINTERS for part in ("--column", pair)]
_CODES = [part for pair in month.CODES for part in ("--state", pair)]


@pytest.mark.parametrize(
    ("layout", "name", "arguments"),
    [
        (month.newest_orders_first, "orders.csv", []),
        (month.pointers_and_epochs, "pink.csv", [*_POINTERS, *_CODES]),
        (month.sheet_of_groups, "groups.xlsx", []),
    ],
)
def test_a_month_of_orders_arrives_with_every_group_right(
    layout: Layout,
    name: str,
    arguments: list[str],
    tmp_path: Path,
    sqlite_template: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    store = tmp_path / "store.db"
    store.write_bytes(sqlite_template.read_bytes())
    monkeypatch.setenv("MAMGBR_DB", f"sqlite:///{store}")
    monkeypatch.setenv("MAMGBR_TIMEZONE", "Asia/Shanghai")
    content, truth = layout(month.launches())
    path = tmp_path / name
    path.write_bytes(content)
    code = main(["import", str(path), *arguments])
    printed = capsys.readouterr()
    got = read(store, [code], printed.out + printed.err)
    assert not list(differences(Outcome(truth), got)), got.output


def test_the_month_has_groups_of_every_state() -> None:
    assert {group.status for group in month.launches()} == {"successful", "failed", "open"}
