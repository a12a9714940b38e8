"""A dry run predicts what an import brings, and an import reports its progress."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from db.importing.pipeline import import_files
from db.importing.report import ImportReport
from db.logs import FAILED, SUCCESSFUL
from db.queries.entities import store_counts
from db.read_logs import read_logs
from db.store import Store

Import = Callable[..., ImportReport]


EVERYTHING = """group,initiator,item,participants,status
G1,u1,i1,"u2,u3",successful
G2,u2,i1,,failed
G3,u4,i2,u1,open
G3,u4,i2,u1,open
,u5,i3,u5,
"""


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", EVERYTHING),
        ("orders.csv", "group,user,role,item,state\nT1,a,leader,i1,paid\nT1,u1,member,i1,paid\n"
         "T1,b,member,i1,refunded\n"),
        ("friends.csv", "user,friend\nu1,u2\nu2,u1\nu2,zz\n"),
        ("a.txt", "u\n"),
    ],
)  # fmt: skip
def test_a_dry_run_predicts_what_the_import_brings(
    store: Store, importing: Import, name: str, content: str
) -> None:
    importing(store, "before.csv", "initiator,item,participants\nu1,i1,u2\n")
    if name == "a.txt":
        content = "".join(f"{k}\t{k % 9}\t{k + 1}\n" for k in range(7000))
    dry = importing(store, name, content, dry_run=True)
    assert store_counts(store).groups == 1
    done = importing(store, name, content)
    assert (dry.new, dry.states, dry.accepted) == (done.new, done.states, done.accepted)
    assert dry.id is None


def test_what_the_first_file_brings_is_not_new_in_the_second(
    sqlite_store: Store, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text("initiator,item,participants\nu1,i1,u2\n")
    (tmp_path / "b.csv").write_text("initiator,item,participants\nu2,i1,u3\n")
    files = [tmp_path / "a.csv", tmp_path / "b.csv"]
    dry = [report.new for report in import_files(sqlite_store, files, dry_run=True)]
    assert dry == [report.new for report in import_files(sqlite_store, files)]
    assert (dry[1]["users"], dry[1]["items"]) == (1, 0)


def test_progress_estimates_the_total_number_of_rows(sqlite_store: Store, tmp_path: Path) -> None:
    path = tmp_path / "many.txt.gz"
    lines = "".join(f"{100000 + k}\t{10 + k % 50}\t{200000 + k}\n" for k in range(60_000))
    path.write_bytes(gzip.compress(lines.encode()))
    calls: list[tuple[str, int, int]] = []
    import_files(sqlite_store, [path], progress=lambda *call: calls.append(call))
    reading = [(done, total) for stage, done, total in calls if stage == "reading"]
    assert reading[-1] == (60_000, 60_000)
    assert all(abs(total - 60_000) < 8_000 for _, total in reading)
    stages = list(dict.fromkeys(stage for stage, _, _ in calls))
    assert stages == ["reading", "waiting", "writing"]
    assert calls[-1][1] == calls[-1][2]


def test_the_dry_run_of_a_file_of_failed_launches_counts_failed_groups(
    sqlite_store: Store, tmp_path: Path
) -> None:
    (tmp_path / "failed.txt").write_text("1\t2\n3\t4\n\n")
    [report] = import_files(sqlite_store, [], [tmp_path / "failed.txt"], dry_run=True)
    assert report.states == {"successful": 0, "failed": 2, "open": 0}
    import_files(sqlite_store, [], [tmp_path / "failed.txt"])
    assert read_logs(sqlite_store).group_status.tolist() == [FAILED, FAILED]
    assert SUCCESSFUL not in read_logs(sqlite_store).group_status
