"""What goes wrong is said in the language of the page, and the next step is one that the page has."""

import errno
import os
import re

import pytest
from error_sentences import NEVER_ON_A_PAGE, ROOT, sentences

from app.text import blanks, catalogue
from app.text.patterns import Sentence, in_page_words

CHINESE = re.compile("[一-鿿]")
KEPT = {  # words that Chinese pages use as they are
    "Avro", "CSV", "Excel", "GB", "JSON", "MB", "PDF", "Parquet", "RAR", "SHA", "SQLite", "UTF",
    "bzip", "gz", "gzip", "tar", "xz", "zip", "zstandard", "db", "mamgbr", "postgresql", "sqlite",
    "MAMGBR_DB", "MAMGBR_MODELS", "MAMGBR_UPLOAD_MB", "false", "fit", "heads", "leaning", "true", "turn",
    "initiator", "item", "participants", "leader",
}  # fmt: skip


def english_in(text):
    """Its English words, without those that are values or names."""
    own = re.sub("（数据库原话：.*）", "", text)
    return [word for word in re.findall("[A-Za-z_]{2,}", own) if word not in KEPT]


def system_errors():
    numbers = (errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EIO, errno.EISDIR, errno.ENOTDIR)
    for number in (*numbers, errno.ENOENT, errno.ENAMETOOLONG, errno.EMFILE):
        yield f"a7.b cannot be read: {os.strerror(number)}."


ALL = sorted(
    {
        *(message for _, message in sentences()),
        *system_errors(),
        "There is no earlier model to roll back to: only a7.b was promoted so far.",
        "a7.b holds no list of ids. Retrain, or promote another version. b7.c goes on serving.",
        "a7.b cannot be kept: No space left on device. Free some space first.",
    }
)


def test_files_whose_errors_never_reach_a_page_are_there():
    assert [file for file in NEVER_ON_A_PAGE if not (ROOT / file).is_file()] == []


@pytest.mark.parametrize("message", ALL)
def test_every_error_that_can_reach_a_page_is_said_in_chinese(message):
    said = in_page_words(message, "zh")
    assert CHINESE.search(said), said
    assert english_in(said) == [], said


@pytest.mark.parametrize("tongue", ["en", "zh"])
@pytest.mark.parametrize("message", ALL)
def test_no_error_sends_a_reader_of_a_page_to_a_command_line(message, tongue):
    said = in_page_words(message, tongue)
    assert "python -m" not in said
    assert not re.search(r"(^|[\s(])--[a-z]", said)


def test_an_error_that_nobody_translated_stays_as_it_is():
    for tongue in ("en", "zh"):
        assert in_page_words("Something else. Do that.", tongue).startswith("Something else.")
    assert in_page_words("Something else. Do that.", "en") == "Something else. Do that."


def test_settings_have_the_names_of_the_page():
    message = "heads=3 does not divide the token width 8. Choose heads from the divisors of 8, or another width."
    for tongue in ("en", "zh"):
        words, said = catalogue(tongue), in_page_words(message, tongue)
        assert f"{words['setting.heads']} 3" in said
        assert words["setting.width"] in said
        assert "heads=" not in said


@pytest.mark.parametrize("tongue", ["en", "zh"])
def test_every_sentence_of_the_catalogue_is_one_that_somebody_says(tongue, monkeypatch):
    used, known = set(), Sentence.blanks_in

    def noted(sentence, text):
        found = known(sentence, text)
        used.update({sentence.said} if found is not None else ())
        return found

    monkeypatch.setattr(Sentence, "blanks_in", noted)
    in_page_words.cache_clear()
    for message in ALL:
        in_page_words(message, tongue)
    assert set(catalogue(f"errors.{tongue}").values()) - used == set()


@pytest.mark.parametrize("tongue", ["en", "zh"])
def test_what_becomes_of_a_sentence_has_its_blanks(tongue):
    for english, said in catalogue(f"errors.{tongue}").items():
        assert blanks(said) <= blanks(english)


@pytest.mark.parametrize("tongue", ["en", "zh"])
def test_a_long_error_of_a_library_costs_no_time_to_speak_of(tongue, monkeypatch):
    tried = []
    known = Sentence.blanks_in
    monkeypatch.setattr(Sentence, "blanks_in", lambda *given: tried.append(1) or known(*given))
    rows = "The rows of a store are in use. It has no file. " * 50
    assert in_page_words(f"RuntimeError: {rows}", tongue).count("no file") == 50
    assert len(tried) < 101 * 6 * len(catalogue(f"errors.{tongue}"))
