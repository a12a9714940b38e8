"""The command that forgets a person: what it says, and that it asks first."""

import sys
from pathlib import Path

import pytest
from forgetting import ID
from forgetting import models as models  # a fixture
from forgetting import shop as shop  # a fixture

from db.command import main
from db.read_logs import read_logs
from db.store import Store


def test_the_command_names_backups_and_asks_nothing_without_a_terminal(
    shop: Store, models: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shop.path is not None
    (shop.path.parent / "store.before-0010.db").write_bytes(b"")
    monkeypatch.setenv("MAMGBR_DB", f"sqlite:///{shop.path}")
    monkeypatch.setenv("MAMGBR_MODELS", str(models))
    assert main(["forget-user", "nobody"]) == 2
    assert main(["forget-user", ID]) == 0
    said = capsys.readouterr()
    assert "store.before-0010.db" in said.out
    assert "'nobody'" in said.err
    assert main(["forget-user", ID]) == 0
    assert "forgotten before" in capsys.readouterr().out


@pytest.mark.parametrize(("answer", "left"), [("no\n", True), ("yes\n", False)])
def test_at_a_terminal_the_command_asks_first(
    shop: Store, models: Path, monkeypatch: pytest.MonkeyPatch, answer: str, left: bool
) -> None:
    class Terminal:
        """A person at a keyboard."""

        def isatty(self) -> bool:
            """It is one."""
            return True

        def readline(self) -> str:
            """What they type."""
            return answer

    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setenv("MAMGBR_DB", f"sqlite:///{shop.path}")
    monkeypatch.setenv("MAMGBR_MODELS", str(models))
    assert main(["forget-user", ID]) == 0
    assert (ID in read_logs(shop).users.index) == left
