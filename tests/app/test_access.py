"""Where people sign in, readers look and operators act; where nobody does, everything is open."""

import pytest

from app.access import is_operator
from app.text import catalogue

ENGLISH = catalogue("en")
READER = {"is_logged_in": True, "email": "rita@shop.test", "name": "Rita"}
OPERATOR = {"is_logged_in": True, "email": "Otto@Shop.test", "name": "Otto"}
WORDS = ("title", "markdown", "caption", "info", "success")


def said(test):
    assert [error.message for error in test.exception] == []
    text = "\n".join(str(element.value) for kind in WORDS for element in getattr(test, kind))
    return text.replace("\\", "")


def keys(test):
    return {str(button.key) for button in test.button}


@pytest.fixture
def operators(monkeypatch):
    monkeypatch.setenv("MAMGBR_OPERATORS", "otto@shop.test, groups=leads")


# Who is an operator


@pytest.mark.parametrize(
    ("claims", "allowed"),
    [
        ({"email": "otto@shop.test"}, True),
        ({"email": "OTTO@shop.test", "email_verified": True}, True),
        ({"email": "otto@shop.test", "email_verified": False}, False),
        ({"email": "rita@shop.test"}, False),
        ({"email": "rita@shop.test", "groups": ["staff", "leads"]}, True),
        ({"groups": "leads"}, True),
        ({"groups": ["leads-of-old"]}, False),
        ({}, False),
    ],
)
def test_an_operator_is_named_by_a_verified_address_or_by_a_claim(claims, allowed):
    assert is_operator(claims, ["otto@shop.test", "groups=leads"]) == allowed


def test_nobody_is_an_operator_where_none_is_named():
    assert not is_operator({"email": ""}, [])
    assert not is_operator({"groups": None}, ["groups=None"])


# The door


def test_whoever_is_not_signed_in_sees_a_way_to_sign_in_and_no_page(visit, trained, monkeypatch):
    monkeypatch.setattr("app.access.can_sign_in", lambda: True)
    test = visit(trained, "retrain", user={"is_logged_in": False})
    assert ENGLISH["access.title"] in said(test)
    assert keys(test) == {"sign_in"}
    assert ENGLISH["retrain.title"] not in said(test)
    assert len(test.get("dataframe")) == 0


def test_without_the_package_that_signs_in_the_door_says_what_to_install(
    visit, trained, monkeypatch
):
    monkeypatch.setattr("app.access.can_sign_in", lambda: False)
    assert ENGLISH["access.missing.next"] in said(visit(trained, user={"is_logged_in": False}))


def test_operators_without_a_sign_in_shut_the_app_instead_of_opening_it(visit, trained, operators):
    test = visit(trained, "retrain", user={})
    assert ENGLISH["access.shut.next"] in said(test)
    assert keys(test) == set()


def test_a_file_of_secrets_that_cannot_be_read_shuts_the_app(visit, trained, tmp_path, monkeypatch):
    import streamlit
    from streamlit.runtime.secrets import Secrets

    broken = tmp_path / "secrets.toml"
    broken.write_text("[auth\nclient_id = ")
    monkeypatch.setattr(streamlit, "secrets", Secrets())
    before = streamlit.config.get_option("secrets.files")
    streamlit.config.set_option("secrets.files", [str(broken)])
    try:
        assert ENGLISH["access.shut.next"] in said(visit(trained, user={}))
    finally:
        streamlit.config.set_option("secrets.files", before)


def test_who_is_signed_in_and_what_she_may_do_stands_in_the_sidebar(visit, trained, operators):
    assert f"Rita · {ENGLISH['access.reader']}" in said(visit(trained, user=READER))
    assert f"Otto · {ENGLISH['access.operator']}" in said(visit(trained, user=OPERATOR))


def test_where_nobody_signs_in_everything_is_open(visit, trained):
    test = visit(trained, "retrain", user={})
    assert ENGLISH["access.read_only"] not in said(test)
    assert {"start"} <= keys(test)
    assert "sign_out" not in keys(test)
