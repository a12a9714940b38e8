"""Both languages say everything, and nothing that nobody shows."""

import ast
import re
from datetime import datetime
from pathlib import Path

import pytest

import app
from app.text import LANGUAGES, blanks, catalogue, preferred_language
from app.text import numbers as write
from app.text.messages import setting_label
from app.text.reasons import reason_text
from db.importing.column_mapping import HEADINGS
from db.importing.readers.encoding import ENCODINGS
from engine.benchmark.records import SystemRecord, read_records
from engine.explain.reasons import SENTENCES
from engine.results import Reason
from train.benchmark.systems.registry import SYSTEMS, Options, make

SOURCES = sorted(Path(app.__file__).parent.rglob("*.py"))
TREES = [ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES]


def literals():
    return {
        node.value
        for tree in TREES
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def patterns():
    """F-strings that begin like a key, as patterns: ``f"past.{why}"`` asks for every key
    ``past...``.
    """
    for tree in TREES:
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                begin = str(node.values[0].value)
                if re.fullmatch(r"[a-z_]+(\.[a-z_]+)*\.", begin):
                    yield re.compile(
                        "".join(
                            re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+"
                            for part in node.values
                        )
                    )


def asked_directly():
    for path, tree in zip(SOURCES, TREES, strict=True):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "t":
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    given = {word.arg for word in node.keywords}
                    yield path.name, first.value, given, any(w.arg is None for w in node.keywords)


def test_both_languages_have_the_same_sentences_with_the_same_blanks():
    english, chinese = catalogue("en"), catalogue("zh")
    assert english.keys() == chinese.keys()
    assert {key: blanks(english[key]) for key in english} == {
        key: blanks(chinese[key]) for key in chinese
    }


def test_every_reason_of_the_engine_is_said_in_chinese_with_the_same_blanks():
    chinese = catalogue("reasons.zh")
    assert {kind: blanks(sentence) for kind, sentence in chinese.items()} == {
        kind: blanks(sentence) for kind, sentence in SENTENCES.items()
    }


def test_every_system_of_the_benchmark_has_a_name_and_its_adaptation_in_words():
    results = Path(app.__file__).parents[1] / "benchmarks" / "results" / "results.json"
    adapted = {one.system for one in read_records(results, SystemRecord) if one.adaptation}
    assert adapted
    assert {f"adaptation.{name}" for name in adapted} <= set(catalogue("en"))
    assert {f"system.{name}" for name in SYSTEMS} <= set(catalogue("en"))


def test_the_page_says_of_each_learned_system_what_its_records_say():
    for name, entry in SYSTEMS.items():
        if entry.tuned_as:
            told = catalogue("en")[f"adaptation.{name}"].replace("’", "'")
            assert told == make(name, Options(device="cpu")).adaptation


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_swept_setting_has_a_name(language):
    results = Path(app.__file__).parents[1] / "benchmarks" / "results"
    swept = {path.stem.removeprefix("sweep-") for path in results.glob("sweep-*.json")}
    assert swept
    names = {one: setting_label(one, language) for param in swept for one in param.split("+")}
    assert {one for one, name in names.items() if name == one} == set()


def test_every_field_of_the_logs_and_every_encoding_has_a_name():
    assert {f"field.{name}" for name in HEADINGS} <= set(catalogue("en"))
    assert {f"data.encoding.{name}" for name in ENCODINGS} <= set(catalogue("en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_empty(language):
    assert [key for key, sentence in catalogue(language).items() if not sentence.strip()] == []


def test_chinese_sentences_are_chinese():
    same = {key for key, said in catalogue("zh").items() if said == catalogue("en")[key]}
    assert {key for key in same if re.search("[a-z]{3}", catalogue("en")[key])} == set()


def test_no_sentence_is_unused():
    said, shapes = literals(), list(patterns())
    unused = [
        key
        for key in catalogue("en")
        if key not in said and not any(shape.fullmatch(key) for shape in shapes)
    ]
    assert unused == []


def test_every_family_of_sentences_that_a_page_asks_for_exists():
    for shape in patterns():
        assert any(shape.fullmatch(key) for key in catalogue("en")), shape.pattern


def test_every_sentence_that_a_page_asks_for_exists_and_gets_its_blanks_filled():
    for file, key, given, more in asked_directly():
        assert key in catalogue("en"), f"{file} asks for {key}"
        missing = blanks(catalogue("en")[key]) - given
        assert more or not missing, f"{file} leaves {missing} of {key} blank"


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("zh-CN", "zh"),
        ("zh-Hant-TW", "zh"),
        ("ZH", "zh"),
        ("en-GB", "en"),
        ("de", "en"),
        (None, "en"),
    ],
)
def test_the_browsers_locale_chooses_the_first_language(locale, language):
    assert preferred_language(locale) == language


def test_numbers_are_written_as_each_language_writes_them():
    assert write.count(190_080) == "190,080"
    assert write.compact(190_080, "en") == "190.1k"
    assert write.compact(190_080, "zh") == "19.0万"
    assert write.compact(999, "zh") == "999"
    assert (write.expected_count(8.24), write.expected_count(0.0126)) == ("8.2", "0.013")
    assert write.price(1280) == "¥1,280.00"
    moment = datetime(2026, 11, 3, 9, 5)
    assert write.day(moment, "en") == "3 Nov 2026"
    assert write.date_and_time(moment, "zh") == "2026年11月3日 09:05"
    assert write.duration(125, "en") == "2 min 5 s"
    assert write.duration(3780, "zh") == "1 小时 3 分"


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (59, "0 min", "0 分钟"),
        (28 * 60 + 59, "28 min", "28 分钟"),
        (3600, "1 h", "1 小时"),
        (6840, "1 h 54 min", "1 小时 54 分钟"),
        (2 * 86400 + 3 * 3600 + 1, "2 d 3 h", "2 天 3 小时"),
        (-5, "0 min", "0 分钟"),
    ],
)
def test_the_time_left_is_never_rounded_up(seconds, english, chinese):
    assert write.time_left(seconds, "en") == english
    assert write.time_left(seconds, "zh") == chinese


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0%"),
        (0.00002, "<0.01%"),
        (0.0042, "0.42%"),
        (0.00999, "1.0%"),
        (0.123, "12.3%"),
        (0.9951, "99.5%"),
        (0.9999, ">99.9%"),
        (1.0, "100%"),
    ],
)
def test_a_chance_keeps_the_digits_that_matter_and_is_never_rounded_to_certainty(value, text):
    assert write.percent(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0%"), (0.004, "<1%"), (0.584, "58%"), (0.996, ">99%"), (1.0, "100%")],
)
def test_a_whole_percentage_is_never_rounded_to_certainty(value, text):
    assert write.whole_percent(value) == text


# What Task I and II say is neither a response rate nor a forecast of joins and successes.
NEVER_SAID = {
    "en": (
        "expected join",
        "chance to join",
        "chance to succeed",
        "chance to launch",
        "likely to fill",
    ),
    "zh": ("预计参团", "参团概率", "成团概率", "开团概率", "预计成团"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_forecasts_joins_or_calls_a_share_a_response(language):
    keys = [key for key in catalogue(language) if {"fill", "fills"} & set(key.split("."))]
    forecasts = [
        key
        for key, sentence in catalogue(language).items()
        if any(words in sentence.lower() for words in NEVER_SAID[language])
    ]
    assert (keys, forecasts) == ([], [])


def test_what_is_unknown_is_a_dash_everywhere():
    unknown = float("nan")
    said = {write.count(None), write.count(unknown), write.percent(None), write.price(unknown)}
    assert said | {write.day(None, "en"), write.date_and_time(None, "zh")} == {write.MISSING}


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "Launched 2,867 times in the shop, 51% successful"), ("zh", "2,867")],
)
def test_numbers_in_reasons_have_their_thousands_apart(language, said, monkeypatch):
    monkeypatch.setattr("app.text.reasons.language", lambda: language)
    reason = Reason("popular", {"times": 2867, "filled": 51}, "Launched 2867 times")
    assert said in reason_text(reason)
    assert "2867" not in reason_text(reason)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Launched this item 6 times, last on 20 Nov 2026"),
        ("zh", "开过此商品的团 6 次，上次 2026年11月20日"),
    ],
)
def test_days_in_reasons_are_written_as_in_each_language(language, said, monkeypatch):
    monkeypatch.setattr("app.text.reasons.language", lambda: language)
    assert reason_text(Reason("launched_last", {"times": 6, "day": "2026-11-20"}, "")) == said


def test_a_reason_that_nobody_knows_is_said_as_the_engine_says_it():
    assert (
        reason_text(Reason("unheard", {"times": 2867}, "Launched 2867 times"))
        == "Launched 2867 times"
    )
