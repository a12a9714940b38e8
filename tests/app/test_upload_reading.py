"""The Data page: how an upload is read, what is asked about it, and what of it is remembered."""

import gzip
import io

import pandas as pd
import pytest
from page_words import english, said
from uploading import GOOD, ODD, answer, box, column, ended, first_id, metrics, put, tab, table

from app.logs.reading import SAMPLE_ROWS
from app.text.messages import text_in
from db.importing.answers import recall_answers
from db.importing.history import import_history
from db.messages import Message
from db.queries.entities import store_counts
from db.read_logs import read_logs


@pytest.fixture
def page(visit, bare):
    """The Data page of an empty store."""
    return visit(bare, "data")


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
