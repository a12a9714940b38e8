"""Answers about an upload are given, changed and taken back."""

from app.logs.answering import holder, say, say_column, say_holder, say_state
from app.logs.reading import is_answered, state_of
from app.logs.uploads import KeptUpload
from db.importing.answers import NO_ANSWERS, Answers
from db.importing.questions import Question
from db.messages import Message

STATES = Question(
    "states",
    Message("db.question.states"),
    "状态",
    (("未核销", 3), ("已核销", 9)),
    ("paid", "void"),
)


def upload():
    return KeptUpload("1", "orders.csv")


def test_a_question_of_words_is_answered_once_every_word_has_a_meaning():
    one = upload()
    say_state(one, "状态", "未核销", "paid")
    assert not is_answered(STATES, one.answers)
    say_state(one, "状态", "已核销", "void")
    assert is_answered(STATES, one.answers)
    assert one.answers == Answers(states={"状态:未核销": "paid", "状态:已核销": "void"})
    assert state_of(STATES, "未核销", one.answers) == "paid"


def test_a_meaning_is_taken_back_also_where_it_was_said_for_every_column():
    one = upload()
    one.answers = Answers(states={"未核销": "paid"})
    assert state_of(STATES, "未核销", one.answers) == "paid"
    say_state(one, "状态", "未核销", None)
    assert one.answers == NO_ANSWERS


def test_a_field_has_one_column_and_another_takes_its_place():
    one = upload()
    say_column(one, "note", "")
    say_holder(one, "initiator", "who")
    say_holder(one, "initiator", "whom")
    assert one.answers.columns == {"note": "", "whom": "initiator"}
    assert holder(one.answers, "initiator") == "whom"
    say_holder(one, "initiator", None)
    say_column(one, "note", None)
    assert one.answers == NO_ANSWERS


def test_any_other_answer_is_replaced():
    one = upload()
    say(one, dates="day", heading_line=3)
    say(one, dates="", heading_line=0)
    assert one.answers == NO_ANSWERS
