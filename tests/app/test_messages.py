"""Errors and notes are shown in the language of the page, and the next step is one that the page has."""

import ast
import errno
import re

import pytest
from message_keys import NEVER_ON_A_PAGE, ROOT, english, files_by_key, keys_in, on_pages, raised

from app.text import LANGUAGES, blanks, catalogue
from app.text.messages import PageLanguage, message_text, text_in
from db.errors import InputError
from db.messages import Message, Term
from engine.model_settings import setting_types

JOINING = {"db.forget.and", "db.note.changed_and"}  # only join two sentences
CHINESE = re.compile("[一-鿿]")
KEPT = {  # words that Chinese pages use as they are
    "xlsx", "SQL", "XML",
    "Avro", "CSV", "Excel", "GB", "JSON", "MB", "PDF", "Parquet", "RAR", "SHA", "SQLite", "UTF", "URL",
    "bzip", "gz", "gzip", "tar", "xz", "zip", "zstandard", "db", "mamgbr", "postgresql", "sqlite", "PostgreSQL",
    "check", "restore", "MAMGBR_DB", "MAMGBR_MODELS", "MAMGBR_UPLOAD_MB", "false", "true",
}  # fmt: skip


def test_every_key_that_is_used_exists_and_its_blanks_are_filled():
    known, found = english(), 0
    for one in raised():
        for key in keys_in(one.argument):
            found += 1
            assert key in known, f"{one.file}:{one.line} uses {key}"
            missing = blanks(known[key]) - one.given
            assert one.more or not missing, f"{one.file}:{one.line} leaves {missing} of {key} blank"
    assert found


def test_every_error_is_raised_by_key():
    sentences = [
        f"{one.file}:{one.line}"
        for one in raised()
        for part in ast.walk(one.argument)
        if isinstance(part, ast.Constant) and " " in str(part.value)
    ]
    assert sentences == []


def test_every_key_is_used():
    assert set(english()) - set(files_by_key()) - {"db.text"} == set()


def test_files_whose_messages_never_reach_a_page_exist():
    assert [file for file in NEVER_ON_A_PAGE if not (ROOT / file).exists()] == []


def test_every_message_that_can_reach_a_page_has_its_chinese_with_the_same_blanks():
    chinese, page = catalogue("messages.zh"), PageLanguage("en")
    assert on_pages() - set(chinese) == set()
    both = set(chinese) & set(english())
    assert {key: blanks(chinese[key]) for key in both} == {
        key: blanks(page.sentence(key)) for key in both
    }


@pytest.mark.parametrize("tongue", LANGUAGES)
def test_the_pages_catalogues_hold_no_message_that_nobody_uses(tongue):
    own = {key for key in catalogue(f"messages.{tongue}") if not key.startswith("system.")}
    assert own - set(english()) == set()


def test_the_pages_english_has_no_blanks_that_the_message_lacks():
    known = english()
    for key, sentence in catalogue("messages.en").items():
        assert blanks(sentence) <= blanks(known[key]), key


def test_chinese_messages_are_chinese():
    for key, sentence in catalogue("messages.zh").items():
        if key == "db.text":
            continue
        own = re.sub(r"\{\w+\}", "", sentence)
        if key in JOINING:
            assert not re.search(r"\w", own), key
            continue
        assert CHINESE.search(own), key
        left = [word for word in re.findall("[A-Za-z_]{2,}", own) if word not in KEPT]
        assert left == [], key


@pytest.mark.parametrize("tongue", LANGUAGES)
def test_no_message_sends_a_reader_of_a_page_to_a_command_line(tongue):
    for key in on_pages():
        sentence = PageLanguage(tongue).sentence(key)
        assert "python -m" not in sentence, key
        assert not re.search(r"(^|[\s(`])--[a-z]", sentence), key


@pytest.mark.parametrize("tongue", LANGUAGES)
def test_every_setting_has_a_label(tongue):
    for name in setting_types():
        assert PageLanguage(tongue).term(Term("setting", name)) != name


def test_settings_and_fields_are_named_as_the_page_labels_them():
    heads, launched = Term("setting", "heads", "3"), Term("field", "launched_at")
    for tongue in LANGUAGES:
        words, page = catalogue(tongue), PageLanguage(tongue)
        assert page.term(heads) == f"{words['setting.heads']} 3"
        assert page.term(launched) == words["field.launched_at"]


def test_lists_are_quoted_as_the_language_quotes_them():
    assert PageLanguage("en").names(("a", "b", "c")) == "“a”, “b” and “c”"
    assert PageLanguage("zh").names(("a", "b", "c")) == "“a”、“b”、“c”"


def test_what_the_operating_system_said_is_chinese_where_it_is_common():
    full = Term("system", "No space left on device", str(errno.ENOSPC))
    assert PageLanguage("en").term(full) == "No space left on device"
    assert PageLanguage("zh").term(full) == "磁盘空间已满"
    assert PageLanguage("zh").term(Term("system", "Strange things", "9999")) == "Strange things"


def test_errors_messages_and_texts_are_shown_in_either_language():
    said = Message("app.upload_not_kept", {"name": "五月.csv", "folder": "/", "reason": "?"})
    for tongue in LANGUAGES:
        assert text_in(InputError(said), tongue) == text_in(said, tongue)
        assert text_in("Kept as it is.", tongue) == "Kept as it is."
    assert CHINESE.search(text_in(said, "zh").replace("五月", ""))
    assert message_text(ValueError("Kept as it is.")) == "Kept as it is."


def test_a_message_of_another_version_of_the_program_is_shown_by_its_key():
    assert text_in(Message("db.not_yet_known", {"name": "a"}), "zh") == "db.not_yet_known"
