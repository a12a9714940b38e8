"""Names, ids, categories and files are texts on every page: no link, icon, formula, style or tag of theirs counts."""

import json
import re
from html import unescape
from inspect import getsource

import pytest
from browsing import PATIENCE, browser, served
from google.protobuf.descriptor import FieldDescriptor
from hostile_shop import BAIT, hostile, make_hostile
from hypothesis import given
from hypothesis import strategies as st
from page_words import english
from playwright.sync_api import expect
from uploading import ended, put
from whole_shop import shop_in

from app.text.plain import BREAK, escape_chart_text, escape_markdown

# What Streamlit shows as it is, by element and field; everything else may be Markdown.
AS_IT_IS = {
    ("selectbox", "options"),
    ("selectbox", "raw_value"),
    ("multiselect", "options"),
    ("multiselect", "raw_values"),
    ("text_input", "default"),
    ("text_area", "default"),
    ("code", "code_text"),
    ("dataframe", "alt"),
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    made = shop_in(tmp_path_factory.mktemp("hostile") / "shop")
    make_hostile(made)
    return made


def texts(message, path=()):
    """Every text of an element, with the names of the fields that lead to it."""
    for field, value in message.ListFields():
        repeated = value if field.is_repeated else [value]
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            if field.message_type.GetOptions().map_entry:
                continue
            for one in repeated:
                yield from texts(one, (*path, field.name))
        elif field.type == FieldDescriptor.TYPE_STRING:
            for one in repeated:
                yield (*path, field.name), one


def elements(block):
    """The elements beneath a block of the test harness."""
    for child in block.children.values():
        if hasattr(child, "children"):
            yield child
            yield from elements(child)
        else:
            yield child


def alive(text):
    """Whether a mark of a hostile text counts as Markdown."""
    return f"{BAIT}!" in re.sub(r"\\.", "\ue000", text)


def look(test):
    """How many hostile texts a page shows; fails where one of them is alive."""
    assert [error.message for error in test.exception] == []
    found, living = 0, []
    for root in test._tree.children.values():
        for element in elements(root):
            if getattr(element, "proto", None) is None:
                continue
            for path, text in texts(element.proto):
                found += text.count(BAIT)
                kind = (element.type, path[-1])
                if element.type == "plotly_chart" and path[-1] == "spec":
                    living += [(kind, text)] if "<b>b</b>" in str(json.loads(text)) else []
                elif path[-1] in ("id", "element_id", "user_key", "key"):
                    continue
                elif kind not in AS_IT_IS:
                    living += [(kind, text)] if alive(text) else []
    assert living == []
    return found


ADDRESS = {"initiator": hostile("ann"), "item": hostile("milk")}
CHOSEN = {"initiators": [hostile("ann"), hostile("dan"), BAIT], "items": [hostile("toys"), BAIT]}
SEEN = [
    ("recommend", ADDRESS),
    ("recommend", ADDRESS | {"start": "item"}),
    ("recommend", ADDRESS | {"participant": hostile("cai"), "category": hostile("kind 0")}),
    ("recommend", {"initiator": hostile("nobody"), "item": hostile("nothing")}),
    ("recommend", {"start": "item", "item": hostile("nothing")}),
    ("recommend", ADDRESS | {"as_of": hostile("day")}),
    ("recommend", ADDRESS | {"item": hostile("book"), "show_all": "1"}),
    ("why", ADDRESS),
    ("why", {"initiator": hostile("nobody"), "item": hostile("nothing")}),
    ("why", ADDRESS | {"model": hostile("model")}),
    ("open_groups", {}),
    ("campaign", CHOSEN),
]


@pytest.mark.parametrize(
    ("page", "address", "tongue"),
    [
        *((*seen, "en") for seen in SEEN),
        *((page, ADDRESS | CHOSEN, "zh") for page in ("recommend", "why", "campaign")),
    ],
)
def test_on_pages_of_recommendations_names_are_texts(visit, shop, page, address, tongue):
    assert look(visit(shop, page, lang=tongue, **address)) > 0


def test_in_the_charts_of_the_gates_categories_are_texts(visit, shop):
    test = visit(shop, "gates")
    test.session_state["gates-dimension"] = "category"
    assert look(test.run()) > 0


@pytest.mark.parametrize("page", ["retrain", "evaluation", "about"])
def test_on_pages_of_upkeep_names_are_texts(visit, shop, page):
    look(visit(shop, page))


@pytest.mark.parametrize("key", ["search", "item_search"])
@pytest.mark.parametrize("text", [hostile("name of"), hostile("nobody")])
def test_what_is_searched_and_found_is_text(visit, shop, key, text):
    start = {"start": "item"} if key == "item_search" else {}
    test = visit(shop, "recommend", **start)
    assert look(test.text_input(key=key).set_value(text).run()) > 0


@pytest.mark.parametrize("section", ["data.shelf", "data.people", "data.history"])
def test_in_the_lists_of_the_store_names_are_texts(visit, shop, section):
    test = visit(shop, "data")
    test.session_state["section"] = english(section)
    assert look(test.run()) > 0
    if section == "data.people":
        assert look(test.text_input(key="forget-text").set_value(BAIT).run()) > 0


FILES = {
    "groups": f"initiator,item,participants,status,{hostile('heading')}\n"
    f"u1,i1,u2,{hostile('state')},{hostile('cell')}\nu3,i1,u2,successful,x\n,i1,u2,,\n",
    "columns": f"{hostile('who')},{hostile('what')}\n{hostile('cell')},i1\n",
    "nothing": hostile("no table"),
}


@pytest.mark.parametrize("content", FILES)
def test_in_an_upload_file_headings_and_cells_are_texts(visit, bare, content):
    test = visit(bare, "data")
    put(test, hostile("file") + ".csv", FILES[content])
    assert look(test) > 0
    if content == "groups":
        test.button(key="check").click().run()
        assert look(ended(test, bare.store())) > 0


# The marks themselves


@given(st.text(st.sampled_from("\\`*_{}[]<>()#+-.!|~$:&=@/w aA1\n\t"), max_size=20))
def test_every_mark_is_behind_a_backslash_or_apart_from_its_neighbour(text):
    said = escape_markdown(text)
    plain = re.sub(r"\\(.)", r"\1", said.replace(BREAK, ""))
    assert plain == re.sub(r"\s+", " ", text)
    bare_signs = re.sub(r"\\.", "", said.replace(BREAK, ""))
    assert not set(bare_signs) & set("\\`*_{}[]<>()#+-.!|~$:&=")
    for joined in ("://", "www.", ":A", ":a", "--", "->", "<-", "<=", ">=", "~="):
        assert joined not in said.replace("\\", "").lower().replace(BREAK, "\ue000")


@given(st.text(max_size=20))
def test_a_chart_shows_every_text_as_it_is(text):
    said = escape_chart_text(text)
    assert unescape(said) == unescape(unescape(said)) if "&" not in text else "&amp;" in said
    assert not set(said) & set("<>")


AWKWARD = [
    *("http://evil.example/a?b=c", "HTTPS://EVIL.EXAMPLE", "www.evil.example", "a@evil.example"),
    *("mailto:a@evil.example", "<http://evil.example>", "![x](http://evil.example/x.png)"),
    *("[l](http://evil.example)", "<b>b</b>", "**s**", "*i* _u_", "`c`", "~~q~~", "$e^x$", "$$x$$"),
    *(":material/delete:", ":red[r]", ":green-badge[x]", ":smile:", ":+1:", ":streamlit:"),
    *("# h", "- l", "1. n", "> q", "| a | b |", "===", "---", "&amp; &lt;b&gt; &#33; &copy;"),
    *(
        "a <-> b",
        "a <= b >= c ~= d",
        "a -- b --> c",
        "[^1]",
        "a\\b",
        "20:57",
        "    code",
        "x:small[y]",
    ),
]


def _drawn():
    import pandas as pd
    import streamlit as st

    from app.text.plain import escape_markdown

    for k, text in enumerate(escape_markdown(one) for one in AWKWARD):
        with st.container(key=f"one-{k}"):
            st.markdown(text)
            st.caption(text)
            st.header(text, anchor=False)
            st.button(text, key=f"button-{k}")
            st.info(text)
            st.table(pd.DataFrame({text: [text]}), hide_index=True)
    with st.container(key="options"):
        st.pills("p", AWKWARD, format_func=escape_markdown)
        st.radio("r", AWKWARD, format_func=escape_markdown)


LIVING = (
    "a, img, strong, em, code, del, blockquote, li, .katex, hr, sup, [data-testid=stIconMaterial]"
)


@pytest.mark.browser
def test_in_a_browser_every_text_is_drawn_as_it_is(needs_chromium, tmp_path):
    (tmp_path / "page.py").write_text(f"AWKWARD = {AWKWARD!r}\n{getsource(_drawn)}\n_drawn()\n")
    with served({}, tmp_path / "log", app=tmp_path / "page.py") as url, browser() as opened:
        page = opened.new_page()
        page.goto(url)
        choices = page.locator(".st-key-options").get_by_test_id("stRadio").get_by_role("radio")
        expect(choices).to_have_count(len(AWKWARD), timeout=PATIENCE)
        for k, text in enumerate(AWKWARD):
            place = page.locator(f".st-key-one-{k}")
            shown = place.get_by_test_id("stMarkdownContainer").all_inner_texts()
            plain = " ".join(text.split())
            assert {" ".join(one.split()) for one in shown} == {plain}
            assert place.locator(LIVING).count() == 0, text
        assert page.locator(".st-key-options").locator(LIVING).count() == 0
