"""The Data page: a file is looked at, checked, imported, reported and taken back."""

import gzip
import io
import shutil
import time

import pandas as pd
import pytest
from test_pages import english, said
from whole_shop import shop_in

from app.logs.reading import SAMPLE_ROWS
from app.text.messages import text_in
from db.importing import background
from db.importing.answers import recall_answers
from db.importing.history import import_history, rejected_rows
from db.importing.pipeline import import_files
from db.importing.validation import LONGEST_ID
from db.messages import Message
from db.queries.entities import store_counts
from db.read_logs import read_logs
from db.shop_clock import ShopZone, shop_zone

GOOD = "团长,商品,团员\nq1,P1,q2、q3\nq4,P1,\n"
ODD = "who,what,with,when\na,P1,b;c,01/02/2025\nd,P2,e,03/04/2025\n"


@pytest.fixture
def page(visit, bare):
    """The Data page of an empty store."""
    return visit(bare, "data")


def put(test, name, content):
    data = content if isinstance(content, bytes) else content.encode()
    return test.file_uploader[0].set_value((name, data, "text/csv")).run()


def ended(test, store):
    """Runs the page until the import or the check has ended and is reported."""
    last = time.monotonic() + 120
    while background.imports_under_way(store) or "import-running" in test.session_state:
        assert time.monotonic() < last
        test.run()
    return test


def tab(test, name):
    test.session_state["section"] = english(name)
    return test.run()


def box(test, label):
    """The choice with this label."""
    return next(box for box in test.selectbox if box.label == label)


def column(test, heading):
    return next(box for box in test.selectbox if str(box.key).endswith(f"-{heading}"))


def first_id(test):
    """The id of the first upload."""
    return next(iter(test.session_state["uploads"]))


def answer(test, number):
    """The choice beneath a question about the first upload."""
    return next(box for box in test.selectbox if box.key == f"ask-{first_id(test)}-{number}")


def table(test, heading):
    """The first table of the page that has this column."""
    return next(frame.value for frame in test.dataframe if heading in frame.value.columns)


def metrics(test):
    return {metric.label: metric.value for metric in test.metric}


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


def test_columns_that_nobody_knows_are_asked_for_once_and_remembered_by_the_store(
    visit, page, bare
):
    put(page, "odd.csv", ODD)
    assert answer(page, 0).label == english("data.ask.field", field="initiator")
    assert page.button(key="import").disabled
    answer(page, 0).set_value("who").run()
    answer(page, 1).set_value("what").run()
    for heading, field in (("with", "participants"), ("when", "launched_at")):
        column(page, heading).set_value(field).run()
    box(page, english("data.dates")).set_value("day").run()
    assert english("data.ask.done") in said(page)
    page.button(key="import").click().run()
    ended(page, bare.store())
    logs = read_logs(bare.store())
    assert list(logs.users.index) == ["a", "b", "c", "d", "e"]
    assert str(logs.group_launched_at[1]) == "2025-04-03T00:00:00"

    again = visit(bare, "data")  # another session
    put(again, "july.csv", ODD.replace("b;c", "x"))
    assert "who → initiator" in said(again)
    assert english("data.recalled.import") in [button.label for button in again.button]
    next(one for one in again.button if str(one.key).startswith("again-")).click().run()
    ended(again, bare.store())
    assert store_counts(bare.store()).groups == 3  # one of them was in the first file too
    assert recall_answers(bare.store(), ("who", "what", "with", "when")).dates == "day"


def test_a_layout_that_needed_no_answer_is_imported_like_last_time_too(page, bare):
    put(page, "june.csv", GOOD)
    assert english("data.recalled.none") not in said(page)
    page.button(key="import").click().run()
    ended(page, bare.store())
    put(page, "july.csv", GOOD.replace("q1", "q9"))
    assert english("data.recalled.none") in said(page)
    next(one for one in page.button if str(one.key).startswith("again-")).click().run()
    ended(page, bare.store())
    assert len(import_history(bare.store())) == 2


def test_what_was_recognised_is_shown_in_one_line_and_can_be_changed(page):
    put(page, "june.csv", ("六月\n" + GOOD.replace(",", ";")).encode("gb18030"))
    text = said(page)
    for words in ("GB18030", "semicolon", "headings on line 2"):
        assert words in text
    box(page, english("data.heading_line")).set_value(3).run()
    text = said(page)
    assert "headings on line 3" in text
    assert answer(page, 0).label == english("data.ask.field", field="initiator")


ORDERS = (
    "团号,用户ID,角色,商品ID,订单状态,支付时间\n"
    "G1,u1,团长,p1,已支付,2026-05-01 10:00:00\n"
    "G1,u2,团员,p1,天外来客,2026-05-01 11:00:00\n"
    "G2,u3,团长,p1,已支付,2026-05-02 10:00:00\n"
)


def test_a_word_that_nobody_knows_is_asked_for_before_anything_is_imported(page, bare):
    put(page, "orders.csv", ORDERS)
    question = next(one for one in page.selectbox if "天外来客" in one.label)
    assert question.value is None
    assert english("data.ask.open", n=1) in said(page)
    assert page.button(key="import").label == english("data.import.without")
    page.button(key="check").click().run()
    ended(page, bare.store())
    assert metrics(page)[english("data.new.groups")] == "1"  # G1 is held back

    next(one for one in page.selectbox if "天外来客" in one.label).set_value("paid").run()
    text = said(page)
    assert english("data.ask.done") in text
    assert english("data.check.outdated") in text
    assert page.button(key="check").label == english("data.check.again")
    page.button(key="import").click().run()
    ended(page, bare.store())
    held = store_counts(bare.store())
    assert (held.groups, held.joins) == (2, 1)


def test_a_word_further_down_than_the_page_looks_stops_the_import_until_it_is_answered(page, bare):
    known = "".join(f"F{k},u{k},团长,p1,已支付,2026-05-01 10:00:00\n" for k in range(SAMPLE_ROWS))
    heading, *rest = ORDERS.splitlines(keepends=True)
    put(page, "orders.csv", heading + known + "".join(rest))
    assert "天外来客" not in said(page)
    page.button(key="import").click().run()
    ended(page, bare.store())
    assert store_counts(bare.store()).groups == 0
    assert text_in(Message("db.import.open_questions", {"n": 1}), "en") in said(page)
    next(one for one in page.selectbox if "天外来客" in one.label).set_value("void").run()
    page.button(key="import").click().run()
    ended(page, bare.store())
    held = store_counts(bare.store())
    assert (held.groups, held.joins) == (SAMPLE_ROWS + 2, 0)


def test_the_first_groups_are_shown_as_they_will_be_stored(page):
    put(page, "logs.csv", GOOD)
    shown = table(page, english("stored.initiator"))
    assert shown[english("stored.initiator")].tolist() == ["q1", "q4"]
    assert shown[english("stored.participants")].tolist() == ["q2, q3", english("stored.nobody")]
    assert shown[english("stored.state")].tolist() == [
        english("stored.state.successful"),
        english("stored.state.failed"),
    ]


def test_uploads_and_choices_outlast_other_tabs_and_pages_until_they_are_removed(page):
    put(page, "odd.csv", ODD)
    put(page, "logs.csv", GOOD)
    answer(page, 0).set_value("who").run()
    tab(page, "data.history")
    assert "odd.csv" not in said(page)
    page.switch_page("views/about.py").run()
    page.switch_page("views/data.py").run()
    tab(page, "data.upload")
    assert "odd.csv" in said(page)
    assert answer(page, 0).value == "who"
    assert answer(page, 1).label == english("data.ask.field", field="item")
    page.button(key=f"remove-{first_id(page)}").click().run()
    text = said(page)
    assert "odd.csv" not in text
    assert "logs.csv" in text
    assert not page.button(key="import").disabled


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


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("photo.csv", bytes(range(256)) * 8, "is not a text file"),
        ("empty.csv", b"", "is empty"),
        ("logs.csv", b"PK\x03\x04" + b"xl/workbook.xml" * 9, "damaged"),
        ("logs.csv", gzip.compress(GOOD.encode() * 99)[:-9], "damaged or incomplete gzip"),
        ("logs.csv", b"PAR1 and no more", "damaged or incomplete Parquet"),
    ],
)
def test_a_file_that_is_no_log_is_refused_with_a_sentence(page, name, content, sentence):
    put(page, name, content)
    assert sentence in said(page)
    assert page.button(key="import").disabled


def test_a_file_whose_name_lies_is_read_for_what_it_is(page, bare):
    packed = io.BytesIO()
    pd.DataFrame({"initiator": ["u1"], "item": ["i1"], "participants": ["u2"]}).to_parquet(packed)
    put(page, "logs.csv", packed.getvalue())
    assert english("data.shape.groups") in said(page)
    page.button(key="import").click().run()
    ended(page, bare.store())
    assert import_history(bare.store())[0].format == "parquet"


def test_other_tabs_see_a_running_import_and_what_it_waits_for(visit, page, bare, tmp_path):
    path = tmp_path / "many.csv"
    path.write_text("团长,商品,团员\n" + "".join(f"u{k},i{k % 9},\n" for k in range(40_000)))
    store = bare.store()
    with store.write():  # another process writes, so the import cannot end meanwhile
        folder = background.start(
            store, [background.Upload(path, "many.csv")], dry=False, strict=False, force=False
        )
        while background.import_progress(folder).stage != "waiting":
            assert background.is_running(folder)
        assert english("data.importing.other", file="many.csv") in said(page.run())
        assert english("data.stage.waiting") in page.get("progress")[0].text
    ended(page, store)
    assert store_counts(store).failed == 40_000


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


@pytest.fixture
def copied(trained, tmp_path):
    """A trained shop of one's own, to change."""
    shutil.copytree(trained.models.parent, tmp_path / "copy")
    return shop_in(tmp_path / "copy")


def test_many_refused_rows_are_told_by_their_reasons_the_most_frequent_first(page, bare):
    rows = [*[f",P{k},q2" for k in range(3)], *[f"q{k},,r{k}" for k in range(20, 30)]]
    put(page, "logs.csv", GOOD + "\n".join(rows) + "\n")
    page.button(key="check").click().run()
    ended(page, bare.store())
    reasons = table(page, "rows")
    assert reasons[["rows", "line", "column"]].values.tolist() == [[10, 7, "商品"], [3, 4, "团长"]]
    assert len(table(page, "value")) == 13


def test_the_shops_time_zone_is_shown_and_changed(page, bare):
    choice = next(box for box in page.selectbox if box.label == english("data.clock.zone"))
    choice.set_value("Asia/Seoul").run()
    page.button(key="zone-save").click().run()
    assert shop_zone(bare.store()) == ShopZone("Asia/Seoul", "said")
    assert "(Asia/Seoul, UTC+9)" in said(page).replace("\\", "")


def test_a_time_zone_that_the_administrator_set_is_shown_and_not_changed_here(
    visit, bare, monkeypatch
):
    monkeypatch.setenv("MAMGBR_TIMEZONE", "Asia/Kathmandu")
    page = visit(bare, "data")
    assert "(UTC+5:45)" in said(page).replace("\\", "")
    assert english("data.clock.zone") not in [box.label for box in page.selectbox]


def test_what_the_store_holds_is_drawn(visit, stocked):
    test = tab(visit(stocked, "data"), "data.holdings")
    assert len(test.get("plotly_chart")) == 7
    rate = metrics(test)[english("data.success_rate")]
    held = store_counts(stocked.store())
    assert rate == f"{held.successful / (held.successful + held.failed):.1%}"


def test_a_store_without_times_and_names_says_what_is_missing(visit, bare, tmp_path):
    (tmp_path / "a.txt").write_text("1\t2\t3\n4\t5\n")
    import_files(bare.store(), [tmp_path / "a.txt"])
    test = tab(visit(bare, "data"), "data.holdings")
    text = said(test)
    assert english("holdings.undated", groups=2) in text
    assert english("holdings.coverage.nameless") in text
    assert english("holdings.friendless") in text
    assert len(test.get("plotly_chart")) == 4


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
