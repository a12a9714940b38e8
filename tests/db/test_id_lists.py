"""Lists of ids are read as people bring them, and ids that are not in the store are reported."""

from collections.abc import Callable
from pathlib import Path

import pytest

from db.errors import InputError
from db.queries.id_lists import look_up_id_columns, look_up_ids, parse_id_list, read_id_columns
from db.store import Store

Import = Callable[..., object]

LOGS = "initiator,item,participants\nu1,i 1,u2\nu2,i2,u3\n"


@pytest.mark.parametrize(
    "text", ["u1\nu2\r\nu3", "u1,u2;u3", " u1\tu2 ,\n\n u3 ", "u1，u2、u3", "u1|u2；u3\n"]
)
def test_a_pasted_list_may_use_any_common_separator(text: str) -> None:
    assert parse_id_list(text) == ["u1", "u2", "u3"]


def test_known_and_unknown_ids_are_listed_once_in_their_order(
    store: Store, importing: Import
) -> None:
    importing(store, "logs.csv", LOGS)
    found = look_up_ids(store, "users", ["u3", "u9", "u1", "u3", "u9"])
    assert (found.known, found.unknown) == (["u3", "u1"], ["u9"])
    assert look_up_ids(store, "items", ["u1"]).unknown == ["u1"]
    assert look_up_ids(store, "users", []).known == []


def test_ids_may_contain_spaces_or_be_separated_by_them(store: Store, importing: Import) -> None:
    importing(store, "logs.csv", LOGS)
    assert look_up_ids(store, "items", ["i 1"]).known == ["i 1"]
    assert look_up_ids(store, "users", ["u1 u2 u8"]).known == ["u1", "u2"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_column_with_the_ids_is_found_in_a_file_and_its_heading_left_out(
    store: Store, importing: Import, tmp_path: Path, encoding: str, delimiter: str
) -> None:
    importing(store, "logs.csv", LOGS)
    rows = [("备注", "我们的团长"), ("重点客户，常买", "u1"), ("", "u7"), ("新人", "u3")]
    path = tmp_path / "list.csv"
    path.write_bytes("\r\n".join(delimiter.join(row) for row in rows).encode(encoding))
    found = look_up_id_columns(store, "users", read_id_columns(path, "list.csv"))
    assert (found.known, found.unknown) == (["u1", "u3"], ["u7"])


def test_a_list_without_a_heading_keeps_its_first_id(
    store: Store, importing: Import, tmp_path: Path
) -> None:
    importing(store, "logs.csv", LOGS)
    path = tmp_path / "list.txt"
    path.write_text("u2\nu1\n")
    assert look_up_id_columns(store, "users", read_id_columns(path, "list.txt")).known == [
        "u2",
        "u1",
    ]
    path.write_text("u8\nu9\n")
    assert look_up_id_columns(store, "users", read_id_columns(path, "list.txt")).unknown == [
        "u8",
        "u9",
    ]


def test_a_file_that_is_not_a_list_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    path.write_text("u1\n" * 400_000)
    with pytest.raises(InputError, match=r"large\.csv is larger than 1 MB"):
        read_id_columns(path, "large.csv")
    path.write_bytes(b"")
    with pytest.raises(InputError, match="is empty"):
        read_id_columns(path, "empty.csv")
