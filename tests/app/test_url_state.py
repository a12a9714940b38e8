"""The address keeps a page's settings in any language; unusable values in it change nothing."""

import pytest
from streamlit.testing.v1 import AppTest

from app.url_state import one_of, whole_number


def page():
    import streamlit as st

    from app.url_state import one_of, restore_setting, save_setting, whole_number

    restore_setting("order", "deadline", one_of(("deadline", "chance")))
    st.segmented_control(
        "o", ("deadline", "chance"), key="order", on_change=save_setting, args=("order",)
    )
    restore_setting("size", None, whole_number(2, 9))
    st.number_input("s", 2, 9, value=None, key="size", on_change=save_setting, args=("size",))


def opened(**address):
    test = AppTest.from_function(page)
    for name, value in address.items():
        test.query_params[name] = value
    return test.run()


def values(test):
    assert not test.exception
    return test.button_group(key="order").value, test.number_input(key="size").value


def test_without_a_choice_the_default_holds_and_the_address_stays_short():
    test = opened()
    assert values(test) == ("deadline", None)
    assert not dict(test.query_params)


def test_choices_are_written_into_the_address_and_a_link_restores_them():
    test = opened()
    test.button_group(key="order").set_value("chance").run()
    test.number_input(key="size").set_value(3).run()
    assert values(test) == ("chance", 3)
    assert (test.query_params["order"], test.query_params["size"]) == ("chance", "3")
    assert values(opened(order="chance", size="3")) == ("chance", 3)


def test_the_session_remembers_choices_that_another_page_cleared_from_the_address():
    test = opened(order="chance", size="3")
    for name in ("order", "size"):
        del test.query_params[name]
    assert values(test.run()) == ("chance", 3)
    assert test.query_params["order"] == "chance"
    test.number_input(key="size").set_value(None).run()
    assert values(test) == ("chance", None)
    assert "size" not in test.query_params


def test_another_order_returns_to_the_first_page():
    def turned():
        import streamlit as st

        from app.url_state import one_of, restore_setting, save_setting, whole_number

        restore_setting("order", "deadline", one_of(("deadline", "chance")))
        st.segmented_control(
            "o", ("deadline", "chance"), key="order", on_change=save_setting, args=("order", "at")
        )
        restore_setting("at", 1, whole_number(1, 9))
        st.number_input("p", 1, 9, key="at", on_change=save_setting, args=("at",))

    test = AppTest.from_function(turned)
    test.query_params["at"] = "4"
    assert test.run().number_input(key="at").value == 4
    test.button_group(key="order").set_value("chance").run()
    assert test.number_input(key="at").value == 1
    assert "at" not in test.query_params


@pytest.mark.parametrize("size", ["1", "10", "-3", "x", "", "2.5", "９", "9" * 5000])
def test_unusable_values_in_the_address_change_nothing(size):
    assert values(opened(order="Chance", size=size)) == ("deadline", None)


def test_parsers_accept_only_what_is_offered():
    assert one_of((10, 20))("20") == 20
    assert one_of((10, 20))("30") is None
    assert whole_number(1, 5)("5") == 5
