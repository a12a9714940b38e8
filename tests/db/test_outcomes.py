"""Groups without a stated outcome are read by their people and their deadline, or asked."""

from collections.abc import Callable

import pytest

from db.importing.answers import Answers
from db.importing.outcomes import read_progress
from db.importing.report import ImportReport, RefusedImportError
from db.logs import FAILED, OPEN, SUCCESSFUL
from db.read_logs import read_logs
from db.store import Store

Import = Callable[..., ImportReport]


@pytest.mark.parametrize(
    ("cell", "people", "size", "missing"),
    [("2/3", 2, 3, -1), ("3 of 3", 3, 3, -1), ("2人/3人", 2, 3, -1), ("已参团2人", 2, 0, -1), ("3.0", 3, 0, -1),
     ("还差1人", -1, 0, 1), ("67%", -1, 0, 1), ("100%", -1, 0, 0), ("已满员", -1, 0, 0), ("", -1, 0, -1)],
)  # fmt: skip
def test_progress_is_read(cell: str, people: int, size: int, missing: int) -> None:
    found = read_progress([cell])
    assert [found.people[0], found.size[0], found.missing[0]] == [people, size, missing]
    assert not found.unread[0]


def test_full_groups_were_successful_and_others_failed_at_their_deadline(
    sqlite_store: Store, importing: Import
) -> None:
    text = (
        "group_id,head_id,goods_id,pintuan_num,pintuan_count,end_time\n"
        "1,501,88,3,3,2025-05-02 10:00:00\n"
        "2,504,88,3,1,2025-05-02 10:00:00\n"
        "3,506,90,2,1,2099-05-02 10:00:00\n"
    )
    report = importing(sqlite_store, "a.csv", text)
    logs = read_logs(sqlite_store)
    assert logs.group_status.tolist() == [SUCCESSFUL, FAILED, OPEN]
    assert any(note.key == "db.note.outcomes_by_count" for note in report.notes)


def test_counts_that_begin_at_nobody_leave_the_initiator_out(
    sqlite_store: Store, importing: Import
) -> None:
    text = "团长,商品,几人团,已参团人数\nu1,p1,3,2\nu2,p1,3,0\nu3,p1,3,1\n"
    importing(sqlite_store, "a.csv", text)
    assert read_logs(sqlite_store).group_status.tolist() == [SUCCESSFUL, OPEN, OPEN]


def test_launches_alone_are_asked_and_read_as_a_person_says(
    sqlite_store: Store, importing: Import
) -> None:
    text = "initiator,item,launched_at\nu1,p1,2025-05-01 10:00:00\n"
    with pytest.raises(RefusedImportError, match="--undecided") as refused:
        importing(sqlite_store, "a.csv", text)
    assert [one.kind for one in refused.value.reports[0].questions] == ["undecided"]
    importing(sqlite_store, "a.csv", text, answers=Answers(undecided="failed"))
    assert read_logs(sqlite_store).group_status.tolist() == [FAILED]


def test_blank_states_between_others_are_asked_and_hold_back_their_groups_alone(
    sqlite_store: Store, importing: Import
) -> None:
    report = importing(sqlite_store, "a.csv", "initiator,item,status\nu1,p1,成团\nu2,p1,\n")
    assert (report.accepted, report.rejected, report.states["successful"]) == (1, 1, 1)
    assert [one.kind for one in report.questions] == ["undecided"]


def test_a_group_that_still_has_time_is_open(sqlite_store: Store, importing: Import) -> None:
    text = (
        "initiator,item,participants,target_size,expires_at\n"
        "u1,p1,u2,3,2099-01-01 10:00:00\n"
        "u2,p1,u3,3,2025-01-01 10:00:00\n"
    )
    importing(sqlite_store, "a.csv", text)
    assert read_logs(sqlite_store).group_status.tolist() == [OPEN, FAILED]
