"""Where people sign in, readers look and operators act; without sign-in, everything is open."""

import pytest
from page_words import said
from recorded_versions import record_version

from app import onboarding
from app.auth import permissions
from app.auth.permissions import is_operator
from app.retraining import later_groups, model_versions, training
from app.text import catalogue
from db.jobs import queue as jobs
from db.jobs.comparisons import ComparisonTask
from db.jobs.queue import TrainingTask
from db.models import registry
from db.queries import entities

ENGLISH = catalogue("en")
READER = {"is_logged_in": True, "email": "rita@shop.test", "name": "Rita"}
OPERATOR = {
    "is_logged_in": True,
    "email": "Otto@Shop.test",
    "email_verified": True,
    "name": "Otto",
}


def keys(test):
    return {str(button.key) for button in test.button}


@pytest.fixture
def operators(monkeypatch):
    monkeypatch.setenv("MAMGBR_OPERATORS", "otto@shop.test, groups=leads")


# Who is an operator


@pytest.mark.parametrize(
    ("claims", "allowed"),
    [
        ({"email": "otto@shop.test", "email_verified": True}, True),
        ({"email": "OTTO@shop.test", "email_verified": "true"}, True),
        ({"email": "otto@shop.test", "email_verified": False}, False),
        ({"email": "otto@shop.test", "email_verified": "false"}, False),
        ({"email": "otto@shop.test"}, False),
        ({"email": "rita@shop.test", "email_verified": True}, False),
        ({"email": "rita@shop.test", "groups": ["staff", "leads"]}, True),
        ({"groups": "leads"}, True),
        ({"groups": ["leads-of-old"]}, False),
        ({}, False),
    ],
)
def test_an_operator_is_named_by_a_verified_address_or_by_a_claim(claims, allowed):
    assert is_operator(claims, ["otto@shop.test", "groups=leads"]) == allowed


@pytest.mark.parametrize("verified", [{}, {"email_verified": False}])
def test_an_unverified_address_is_none_where_the_entry_names_the_claim_either(verified):
    claims = {"email": "otto@shop.test"}
    assert not is_operator(claims | verified, ["email=otto@shop.test"])
    assert is_operator(claims | {"email_verified": True}, ["email = Otto@shop.test"])


def test_nobody_is_an_operator_where_none_is_named():
    assert not is_operator({"email": ""}, [])
    assert not is_operator({"groups": None}, ["groups=None"])


# The door


def test_before_signing_in_there_is_a_button_to_sign_in_and_no_page(visit, trained, monkeypatch):
    monkeypatch.setattr("app.auth.permissions.can_sign_in", lambda: True)
    test = visit(trained, "retrain", user={"is_logged_in": False})
    assert ENGLISH["access.title"] in said(test)
    assert keys(test) == {"sign_in"}
    assert ENGLISH["retrain.title"] not in said(test)
    assert len(test.get("dataframe")) == 0


def test_without_the_package_for_sign_in_the_app_says_what_to_install(visit, trained, monkeypatch):
    monkeypatch.setattr("app.auth.permissions.can_sign_in", lambda: False)
    assert ENGLISH["access.missing.next"] in said(visit(trained, user={"is_logged_in": False}))


def test_operators_without_a_sign_in_lock_the_app_instead_of_opening_it(visit, trained, operators):
    test = visit(trained, "retrain", user={})
    assert ENGLISH["access.shut.next"] in said(test)
    assert keys(test) == set()


def test_a_secrets_file_that_cannot_be_read_locks_the_app(visit, trained, tmp_path, monkeypatch):
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


def test_the_sidebar_shows_who_is_signed_in_and_their_role(visit, trained, operators):
    assert f"Rita · {ENGLISH['access.reader']}" in said(visit(trained, user=READER))
    assert f"Otto · {ENGLISH['access.operator']}" in said(visit(trained, user=OPERATOR))


def test_without_sign_in_everything_is_open(visit, trained):
    test = visit(trained, "retrain", user={})
    assert ENGLISH["access.read_only"] not in said(test)
    assert {"start"} <= keys(test)
    assert "sign_out" not in keys(test)


# What readers cannot do


@pytest.mark.parametrize("page", ["recommend", "why", "gates", "data", "retrain", "evaluation"])
def test_a_reader_sees_every_page_and_no_button_that_changes_anything(
    visit, trained, operators, page
):
    test = visit(trained, page, user=READER)
    text = said(test)
    if page in ("data", "retrain"):
        assert ENGLISH["access.read_only"] in text
    acting = {
        *("start", "promote_button", "rollback", "pin_button", "prune_button", "settings_reset"),
        *("import", "undo", "demo", "first-demo", "first-default"),
    }
    assert keys(test) & acting == set()
    assert len(test.get("file_uploader")) == 0


def test_an_operator_sees_the_buttons(visit, trained, operators):
    assert "start" in keys(visit(trained, "retrain", user=OPERATOR))
    assert len(visit(trained, "data", user=OPERATOR).get("file_uploader")) == 1


def test_without_operators_the_pages_say_who_can_name_them(visit, trained):
    test = visit(trained, "retrain", user=READER)
    assert ENGLISH["access.nobody"] in said(test)
    assert "start" not in keys(test)


def actions(store):
    """Everything that the app can change, as the pages call it."""
    number = jobs.enqueue(store, TrainingTask(preset="demo"))
    version = registry.serving(store).version
    return {
        "start": lambda: training.start(store, "demo", promote=True),
        "again": lambda: training.start_again(store, TrainingTask(preset="demo")),
        "retry": training.restart_worker,
        "cancel": lambda: training.cancel(store, number),
        "promote": lambda: model_versions.promote(version),
        "roll back": model_versions.roll_back,
        "pin": lambda: model_versions.pin(version, True),
        "prune": model_versions.prune,
        "demo shop": onboarding._open_demo_shop,
        "compare": lambda: later_groups.start_comparison(ComparisonTask(new=version)),
    }


@pytest.mark.parametrize("who", [READER, {"is_logged_in": False}, {}])
def test_every_action_is_refused_to_readers(copied, monkeypatch, operators, who):
    for name, value in copied.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(permissions, "identity_claims", lambda: who)
    store = copied.store()
    tried = actions(store)
    before = (
        jobs.latest_jobs(store),
        registry.versions_and_promotions(store),
        entities.store_counts(store),
    )
    for name, act in tried.items():
        with pytest.raises(permissions.NotAllowedError):
            act()
        assert (
            jobs.latest_jobs(store),
            registry.versions_and_promotions(store),
            entities.store_counts(store),
        ) == before, name


def test_an_action_that_a_reader_reaches_anyway_ends_in_a_sentence(
    visit, copied, operators, monkeypatch
):
    # As if a page had forgotten to leave the button out.
    monkeypatch.setattr("app.auth.permissions.may_operate", lambda: False)
    monkeypatch.setattr("app.auth.sign_in.show_read_only_note", lambda: None)
    for place in ("app.retraining.model_versions", "app.retraining.setting_fields"):
        monkeypatch.setattr(f"{place}.may_operate", lambda: True, raising=False)
    record_version(copied.store(), "other", "data")
    test = visit(copied, "retrain", user=READER)
    test.button(key="pin_button").click().run()
    assert ENGLISH["access.refused"] in said(test)
    assert not any(version.pinned for version in registry.versions(copied.store()))
