"""What all commands share: exit codes, errors on stderr, and tables that align."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from db.cli import Command, CommandLine, argument, table_lines
from db.errors import InputError, SettingError, StoreError, TrainError, UnknownModel
from db.messages import Message
from db.unforeseen import record_unforeseen


def line(run: Callable[..., None]) -> CommandLine:
    command = Command("go", "go somewhere", run, (argument("--far", action="store_true"),))
    return CommandLine("shop", "A shop.", (command,), interrupted="nothing was sold")


def failing(error: BaseException) -> CommandLine:
    def run(_: object) -> None:
        raise error

    return line(run)


def test_a_command_gets_its_arguments_and_ends_with_0() -> None:
    seen = []
    assert line(lambda options: seen.append(options.far)).main(["go", "--far"]) == 0
    assert seen == [True]


FAILED = Message("db.text", {"text": "It failed."})


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StoreError(FAILED), 1),
        (TrainError(FAILED), 1),
        (InputError(FAILED), 2),
        (SettingError(FAILED), 2),
        (UnknownModel(FAILED), 2),
    ],
)
def test_an_error_is_one_sentence_on_stderr_and_knows_its_exit_code(
    error: BaseException, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert failing(error).main(["go"]) == code
    assert capsys.readouterr() == ("", "error: It failed.\n")


def test_ctrl_c_says_what_it_leaves_behind(capsys: pytest.CaptureFixture[str]) -> None:
    assert failing(KeyboardInterrupt()).main(["go"]) == 1
    assert capsys.readouterr().err == "error: interrupted; nothing was sold.\n"


INTERRUPTED = """
import os, signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
import db.quiet_start
{then}
try:
    os.kill(os.getpid(), signal.SIGINT)
except KeyboardInterrupt:
    print("caught")
"""


@pytest.mark.parametrize(
    ("then", "code", "said"), [("", -2, ""), ("db.quiet_start.loaded()", 0, "caught\n")]
)
def test_ctrl_c_leaves_no_trace_while_a_command_loads_and_interrupts_one_that_runs(
    then: str, code: int, said: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED.format(then=then)], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (code, said, "")


@pytest.mark.parametrize("words", [[], ["come"], ["go", "--near"]])
def test_bad_usage_is_exit_code_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        line(lambda _: None).main(words)
    assert caught.value.code == 2
    assert "usage: python -m shop" in capsys.readouterr().err


def test_a_reader_that_goes_away_is_no_stack_trace() -> None:
    script = (
        "import sys; from db.cli import Command, CommandLine\n"
        "def run(_):\n"
        "    for k in range(100_000): print(k)\n"
        "sys.exit(CommandLine('shop', '', (Command('go', '', run),), '').main(['go']))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as command:
        assert command.stdout is not None
        assert command.stderr is not None
        command.stdout.readline()
        command.stdout.close()
        assert command.stderr.read() == b""
        assert command.wait() == 1


def test_columns_align_where_characters_are_wide() -> None:
    assert table_lines(("id", "name", "n"), [("1", "奶粉", "2"), ("20", "milk", "")]) == [
        "id  name  n",
        "1   奶粉  2",
        "20  milk",
    ]


def test_an_error_that_nobody_foresaw_is_one_sentence_and_its_trace_is_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MAMGBR_DB", f"sqlite:///{tmp_path / 'shop.db'}")
    assert failing(ZeroDivisionError("by\x1b[2J zero")).main(["go"]) == 1
    out, err = capsys.readouterr()
    log = tmp_path / "shop.jobs" / "errors.log"
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("error: MAMGBR stopped on an unexpected error (ZeroDivisionError: by")
    assert str(log) in err
    assert "Traceback" not in err
    assert "Traceback" in log.read_text()
    assert "\x1b" not in err + log.read_text()


@pytest.mark.parametrize("db", ["sqlite:////proc/no/shop.db", "nonsense", "sqlite://"])
def test_where_the_store_has_no_place_for_a_log_it_is_among_temporary_files(
    db: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAMGBR_DB", db)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    said = record_unforeseen(ZeroDivisionError("by zero"))
    (log,) = tmp_path.iterdir()
    assert (said.key, said.values["log"]) == ("db.unforeseen", str(log))


def test_where_no_log_can_be_written_the_sentence_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAMGBR_DB", "sqlite:////proc/no/shop.db")
    monkeypatch.setattr("tempfile.tempdir", "/proc/no")
    said = str(record_unforeseen(ZeroDivisionError("by zero")))
    assert "ZeroDivisionError: by zero" in said
    assert "could not be written" in said


def test_the_log_does_not_grow_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAMGBR_DB", f"sqlite:///{tmp_path / 'shop.db'}")
    for _ in range(12):
        record_unforeseen(ZeroDivisionError("9" * 200_000))
    sizes = [path.stat().st_size for path in (tmp_path / "shop.jobs").iterdir()]
    assert len(sizes) == 2
    assert max(sizes) < 2_000_000


def test_results_that_cannot_be_written_end_in_a_sentence(tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "db", "stats"],
            env=os.environ | {"MAMGBR_DB": f"sqlite:///{tmp_path / 'shop.db'}"},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert "No space left on device" in done.stderr


def test_names_in_a_table_stay_on_their_lines() -> None:
    assert table_lines(("name",), [["a\nb"], ["\x1b[2J"]]) == ["name", "a\\u000ab", "\\u001b[2J"]
