"""Forgetting a person on the Data page: searched for, told what goes, confirmed in writing, for operators only."""

import pytest
from page_words import english, said

from app.auth.permissions import NotAllowedError
from app.shelf import forgetting
from db.importing.pipeline import import_files
from db.queries.entities import user_card
from db.read_logs import read_logs

LOGS = "initiator,initiator_name,item,participants\nu1,Ann,i1,u2\nu2,Bea,i1,u1\n"


@pytest.fixture
def people(visit, bare, tmp_path):
    (tmp_path / "logs.csv").write_text(LOGS)
    import_files(bare.store(), [tmp_path / "logs.csv"])
    test = visit(bare, "data")
    test.session_state["section"] = english("data.people")
    return test.run()


def test_a_person_is_forgotten_once_their_id_is_typed_in(people, bare):
    people.text_input(key="forget-text").set_value("ann").run()
    text = said(people)
    assert "Ann · u1" in text
    assert english("forget.for_good") in text
    people.text_input(key="forget-typed").set_value("u2")
    people.button(key="forget-submit").click().run()
    assert english("forget.mismatch", id="u1") in said(people)
    assert user_card(bare.store(), "u1").name == "Ann"
    people.text_input(key="forget-typed").set_value("u1")
    people.button(key="forget-submit").click().run()
    text = said(people)
    assert "Forgot the person for good" in text
    assert "Ann" not in text
    assert "u1" not in read_logs(bare.store()).users.index
    lists = next(one for one in people.segmented_control if one.key == "people_list")
    lists.set_value("everybody").run()
    assert list(people.data_editor[0].value["person"]) == ["Bea"]


def test_nobody_is_offered_where_nothing_matches(people):
    people.text_input(key="forget-text").set_value("zoe").run()
    assert english("forget.nobody", text="zoe") in said(people)
    assert "forget-submit" not in [button.key for button in people.button]


def test_a_reader_forgets_nobody(visit, people, bare, monkeypatch):
    monkeypatch.setenv("MAMGBR_OPERATORS", "otto@shop.test")
    test = visit(bare, "data", user={"is_logged_in": True, "email": "rita@shop.test"})
    test.session_state["section"] = english("data.people")
    test.run()
    assert english("forget.what") not in said(test)
    monkeypatch.setattr("app.auth.permissions.may_operate", lambda: False)
    with pytest.raises(NotAllowedError):
        forgetting._forget("u1")
    assert user_card(bare.store(), "u1").name == "Ann"
