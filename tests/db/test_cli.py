"""What all commands share: exit codes, errors on stderr, and tables that align."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from db.cli import Command, CommandLine, argument, table_lines
from db.errors import InputError, SettingError, StoreError, TrainError, UnknownModel
from db.messages import Message


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
