"""The Data page: a file is checked, imported, reported and taken back."""

import time

import pytest
from page_words import english, said
from uploading import GOOD, ended, metrics, put, tab, table

from app.text.messages import text_in
from db.importing import background
from db.importing.history import import_history, rejected_rows
from db.importing.pipeline import import_files
from db.importing.validation import LONGEST_ID
from db.messages import Message
from db.queries.entities import store_counts


@pytest.fixture
def page(visit, bare):
    """The Data page of an empty store."""
    return visit(bare, "data")


def test_a_file_is_checked_imported_reported_and_undone_in_writing(page, bare):
    store = bare.store()
    put(page, "logs.csv", GOOD + "q1,,q3\n")
    assert "团长" in said(page)
    page.button(key="check").click().run()
    ended(page, store)
    text = said(page)
    assert english("data.report.dry", file="logs.csv", accepted=2, rejected=1) in text
    assert metrics(page)[english("data.new.users")] == "4"
    assert store_counts(store).groups == 0

    page.button(key="import").click().run()
    ended(page, store)
    assert english("data.report", file="logs.csv", accepted=2, rejected=1) in said(page)
    assert english("data.next.first") in said(page)
    held = store_counts(store)
    assert (held.successful, held.failed, held.joins, held.users) == (1, 1, 2, 4)
    assert not page.file_uploader[0].value

    tab(page, "data.history")
    page.text_input(key="undo-number-1").set_value("2")
    page.button(key="undo-submit").click().run()
    assert english("data.undo.mismatch", number=1) in said(page)
    assert store_counts(store).groups == 2
    page.text_input(key="undo-number-1").set_value("1")
    page.button(key="undo-submit").click().run()
    assert "Import 1 was undone. Removed groups: 2, users: 4, items: 1." in said(page)
    assert store_counts(store).groups == 0
    assert english("data.history.is_undone") in said(page)


def test_the_same_file_twice_is_asked_about(page, bare, tmp_path):
    (tmp_path / "first.csv").write_text(GOOD)
    import_files(bare.store(), [tmp_path / "first.csv"])
    put(page, "second.csv", GOOD)
    assert english("data.again", file="second.csv", number=1) in said(page)
    assert page.button(key="import").disabled
    page.checkbox(key="again").check().run()
    page.button(key="import").click().run()
    ended(page, bare.store())
    assert len(import_history(bare.store())) == 2
    assert store_counts(bare.store()).groups == 4


def test_other_tabs_see_a_running_import_and_what_it_waits_for(visit, page, bare, tmp_path):
    path = tmp_path / "many.csv"
    path.write_text("团长,商品,团员\n" + "".join(f"u{k},i{k % 9},\n" for k in range(400)))
    store = bare.store()
    with store.write():  # another process writes, so the import cannot end meanwhile
        folder = background.start(
            store, [background.Upload(path, "many.csv")], dry=False, strict=False, force=False
        )
        while background.import_progress(folder).stage != "waiting":
            assert background.is_running(folder)
            time.sleep(0.02)
        assert english("data.importing.other", file="many.csv") in said(page.run())
        assert english("data.stage.waiting") in page.get("progress")[0].text
    ended(page, store)
    assert store_counts(store).failed == 400


def test_an_import_is_stopped_while_it_waits_and_its_report_is_dismissed(page, bare):
    store = bare.store()
    put(page, "logs.csv", GOOD)
    with store.write():
        page.button(key="import").click().run()
        page.button(key="stop-import").click().run()
        ended(page, store)
    assert text_in(Message("db.import.cancelled"), "en") in said(page)
    assert import_history(store) == []
    page.button(key="check").click().run()
    ended(page, store)
    text = said(page)
    assert english("data.report.dry", file="logs.csv", accepted=2, rejected=0) in text
    assert text_in(Message("db.import.cancelled"), "en") not in text


def test_an_import_after_which_a_model_serves_says_what_counts_now(visit, copied):
    test = visit(copied, "data")
    put(test, "logs.csv", "团长,商品,团员\nnew-1,P2001,new-2\n")
    test.button(key="import").click().run()
    ended(test, copied.store())
    assert english("data.next.retrain") in said(test)
    newcomer = said(visit(copied, "recommend", initiator="new-1"))
    assert english("initiator.unknown") not in newcomer
    assert english("new_to_model.help") in newcomer


def test_many_refused_rows_are_told_by_their_reasons_the_most_frequent_first(page, bare):
    rows = [*[f",P{k},q2" for k in range(3)], *[f"q{k},,r{k}" for k in range(20, 30)]]
    put(page, "logs.csv", GOOD + "\n".join(rows) + "\n")
    page.button(key="check").click().run()
    ended(page, bare.store())
    reasons = table(page, "rows")
    assert reasons[["rows", "line", "column"]].values.tolist() == [[10, 7, "商品"], [3, 4, "团长"]]
    assert len(table(page, "value")) == 13


def test_every_problem_of_a_row_is_said_in_chinese(bare, tmp_path):
    head = "initiator,item,participants,status,launched_at,price,target_size,expires_at,item_name\n"
    rows = [
        "u1,i1,u1,,,,,,", "u1,i1,u2 u2,,,,,,", "u1,i1,u2,perhaps,,,,,", "u1,i1,u2,,x,,,,",
        "u1,i1,u2,,01/02/2025,,,,", "u1,i1,u2,,,-3,,,", "u1,i1,u2,,,cheap,,,", "u1,i1,u2,,,,many,,",
        "u1,i1,u2,,,,1,,", ",i1,u2,,,,,,", "u1,i1", "u1,i1,u2,,,,,,,u9", "1.2E+15,i1,u2,,,,,,",
        "u1,i1,2E+15;u2,,,,,,", "u" * (LONGEST_ID + 1) + ",i1,u2,,,,,,", "u\x07,i1,u2,,,,,,",
        "u1,i1,u\x07,,,,,,", "u1,i1,u2,,2025-06-02,,,2025-06-01,", f"u1,i1,u2,,,,,,{'n' * 501}",
    ]  # fmt: skip
    (tmp_path / "a.csv").write_text(head + "a,b,c,,,,,,\n" + "\n".join(rows) + "\n")
    orders = (
        "group,user,role,item,order_state\nG1,u1,leader,i1,paid\nG1,u2,member,i1,paid\n"
        "G1,u2,member,i1,paid\nG1,u1,member,i1,paid\nG1,u3,member,i2,paid\nG2,u4,member,i1,paid\n"
        "G1,u5,leader,i1,paid\nG3,u9,leader,i1,paid\n,u6,member,i1,paid\nG1,u7,boss,i1,paid\nG1,u8,member,i1,?\n"
    )
    (tmp_path / "orders.csv").write_text(orders)
    (tmp_path / "a.jsonl").write_text(
        '{"initiator": "a", "item": "b", "participants": ["c"]}\nnothing\n'
    )
    (tmp_path / "friends.csv").write_text("user,friend\na,b\nc,c\n")
    names = ("a.csv", "orders.csv", "a.jsonl", "friends.csv")
    reports = import_files(bare.store(), [tmp_path / name for name in names])
    problems = [
        problem
        for report in reports
        for problem in rejected_rows(bare.store(), report.id)["problem"]
    ]
    assert len(problems) >= 24
    said_so = [text_in(problem, "zh") for problem in problems]
    assert [text for text in said_so if text.isascii() or "The " in text] == []
