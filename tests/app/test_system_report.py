"""The page About shows all that a report needs and nothing that is secret."""

import itertools

import pytest
from page_words import unmarked

from app.system_report import (
    HIDDEN,
    Section,
    describe_settings,
    displayed_value,
    format_report,
    installed_packages,
    package_licence,
    readable_manifest,
    redact_secrets,
    shipped_documents,
)
from app.text import catalogue
from app.text.numbers import file_size
from db.code_version import code_version
from db.queries.statistics import folder_bytes, store_bytes
from db.settings import Settings


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://shop:s3cret@db.example.org/mamgbr",
        "postgresql+psycopg://shop:s3cret@db.example.org:5432/mamgbr?sslmode=require",
        "postgresql://db.example.org/mamgbr?user=shop&password=s3cret",
        "https://shop:s3cret@example.org/x y",
        "https://example.org/login?client_secret=s3cret&scope=openid",
    ],
)
def test_no_url_gives_a_password_away(url):
    told = redact_secrets(url)
    assert "s3cret" not in told
    assert HIDDEN in told
    assert "example.org" in told


def test_a_value_without_secrets_is_unchanged():
    assert redact_secrets("sqlite:///data/mamgbr.db") == "sqlite:///data/mamgbr.db"
    assert redact_secrets("data/models") == "data/models"
    assert displayed_value("threads", 2) == "2"


def test_a_setting_named_as_a_secret_is_hidden_whatever_its_value():
    assert displayed_value("oidc_client_secret", "abc") == HIDDEN
    assert displayed_value("cookie_secret", "") == ""


def test_every_setting_is_listed_with_its_variable_value_and_default():
    told = {one.name: one for one in describe_settings(Settings(threads=7))}
    assert told.keys() == Settings.model_fields.keys()
    assert (told["threads"].variable, told["threads"].value) == ("MAMGBR_THREADS", "7")
    assert told["threads"].default == "2"


def test_every_setting_is_described_in_both_languages_and_the_english_is_the_codes_own():
    for name, field in Settings.model_fields.items():
        assert catalogue("en")[f"about.setting.{name}"] == field.description
        assert catalogue("zh")[f"about.setting.{name}"]


def test_the_report_has_every_row_under_its_heading():
    text = format_report(
        [
            Section("One", ["what", "value"], [["a", "b"], ["c", ""]]),
            Section("Two", ["what"], [["d"]]),
        ]
    )
    assert text == "One\n---\na | b\nc\n\nTwo\n---\nd\n"


def test_packages_are_listed_with_version_and_licence():
    found = {package.name: package for package in installed_packages()}
    assert {"streamlit", "torch"} <= found.keys()
    assert found["streamlit"].licence == "Apache-2.0"


def test_a_licence_text_is_shortened_to_its_name():
    text = {
        "license": "Copyright (c) Somebody\nAll rights",
        "classifier": ["License :: OSI :: BSD"],
    }
    assert package_licence(text) == "BSD"
    assert package_licence(text | {"license_expression": "MIT"}) == "MIT"
    assert package_licence({"license": "Apache 2.0\nwhole text"}) == "Apache 2.0"
    assert package_licence({}) == ""


def test_sizes_on_disk_are_those_of_the_files(bare, tmp_path):
    (tmp_path / "models" / "v1").mkdir(parents=True)
    (tmp_path / "models" / "v1" / "a").write_bytes(b"x" * 1500)
    (tmp_path / "models" / "b").write_bytes(b"x" * 500)
    assert folder_bytes(tmp_path / "models") == 2000
    assert folder_bytes(tmp_path / "nowhere") == 0
    store = bare.store()
    assert store_bytes(store) >= store.path.stat().st_size > 0
    assert [file_size(n) for n in (0, 300, 6_800_000, 1_440_000_000)] == [
        "0 kB",
        "1 kB",
        "6.8 MB",
        "1.4 GB",
    ]


def test_documents_are_those_that_came_with_the_code():
    assert "README.md" in {path.name for path in shipped_documents()}
    assert all(path.exists() for path in shipped_documents())


def test_a_manifest_that_cannot_be_read_is_left_out(tmp_path):
    assert readable_manifest(tmp_path) is None
    (tmp_path / "manifest.json").write_text("{")
    assert readable_manifest(tmp_path) is None


def cells(test):
    """Every cell of the page, without the marks that keep it from being Markdown."""
    assert [error.message for error in test.exception] == []
    tables = [table.value.to_numpy().flatten() for table in test.table]
    words = [element.value for element in (*test.markdown, *test.caption)]
    return [unmarked(str(cell)) for cell in (*words, *itertools.chain(*tables))]


def told(test):
    return "\n".join(cells(test))


def test_the_page_shows_versions_places_and_the_serving_model(visit, trained):
    text = told(visit(trained, "about"))
    assert code_version() in text
    assert "CPUExecutionProvider" in text or "CUDAExecutionProvider" in text
    assert str(trained.models) in text
    assert "MRR@10" in text
    assert "MAMGBR_UPLOAD_MB" in text


def test_the_report_to_download_has_all_that_the_page_shows(visit, trained):
    test = visit(trained, "about")
    text = test.code[0].value
    shown = [
        unmarked(str(cell)) for table in test.table for cell in table.value.to_numpy().flatten()
    ]
    assert len(shown) > 40
    assert [cell for cell in shown if cell not in text] == []
    for name in Settings.model_fields:
        assert f"MAMGBR_{name.upper()}" in text


def test_without_a_model_the_page_says_so_and_shows_the_rest(visit, bare):
    text = told(visit(bare, "about"))
    assert catalogue("en")["about.model.none"] in text
    assert "MAMGBR_DB" in text
