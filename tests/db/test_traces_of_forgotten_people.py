"""A forgotten person leaves no trace in any file of the store, whoever reads it."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from forgetting import ID, NAME, traces
from forgetting import models as models  # a fixture
from forgetting import shop as shop  # a fixture

from db.errors import InputError
from db.file_lock import FileLock
from db.forget import forget_user
from db.importing.background import Upload, start
from db.store import Store


def test_no_file_of_the_store_holds_the_id_or_the_name(
    shop: Store, models: Path, tmp_path: Path
) -> None:
    folder = start(
        shop, [Upload(tmp_path / "orders.csv", f"{ID}.csv")], dry=True, strict=False, force=True
    )
    while folder.alive():
        time.sleep(0.01)
    assert traces(tmp_path / "shop")
    report = forget_user(shop, ID, models)
    assert traces(tmp_path / "shop") == []
    assert ID not in str(report.message)
    assert NAME not in str(report.message)
    assert (report.rows.seats, report.rows.launches, report.rows.friendships) == (1, 1, 1)
    assert report.rows.refused_rows == 2  # one of an import that was undone
    assert report.models.rewritten == ("v1",)


def test_while_somebody_reads_the_store_as_it_was_the_sentence_says_so(
    shop: Store, models: Path, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "shop" / "store.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM users").fetchone()[0] > 0
        report = forget_user(shop, ID, models)
        assert report.still_read
        assert "db.forget.still_read" in report.message.to_json()
    shop.close()
    Store.open(f"sqlite:///{tmp_path}/shop/store.db").close()
    assert traces(tmp_path / "shop") == []


def test_a_second_time_it_looks_for_traces_again(shop: Store, models: Path, tmp_path: Path) -> None:
    forget_user(shop, ID, models)
    (tmp_path / "shop" / "store.jobs" / "training" / "1").mkdir(parents=True)
    (tmp_path / "shop" / "store.jobs" / "training" / "1" / "log.txt").write_text(f"user {ID}")
    assert forget_user(shop, ID, models).again
    assert traces(tmp_path / "shop") == []


def test_it_waits_for_no_job_that_may_have_read_the_person(shop: Store, models: Path) -> None:
    assert shop.path is not None
    folder = shop.path.with_suffix(".jobs") / "import" / "1"
    folder.mkdir(parents=True)
    lock = FileLock.exclusive(folder / "lock", create=True)
    assert lock is not None
    with pytest.raises(InputError, match="under way"):
        forget_user(shop, ID, models)
    lock.release()
    forget_user(shop, ID, models)
