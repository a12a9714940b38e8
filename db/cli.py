"""What the command lines of all packages share: commands declared as data, exit codes, errors, and tables."""

import argparse
import os
import sys
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from db import quiet_start
from db.errors import UserFacingError
from db.terminal import legible_output, one_line
from db.unforeseen import record_unforeseen


@dataclass(frozen=True)
class Argument:
    """An argument or an option, as ``argparse.ArgumentParser.add_argument`` takes it."""

    names: tuple[str, ...]
    options: Mapping[str, Any]


def argument(*names: str, **options: Any) -> Argument:
    """Declares an argument: ``argument("--top", type=int, default=20, help="how many")``."""
    return Argument(names, options)


def json_option(what: str = "a JSON object") -> Argument:
    """The option of a command that prints its result as JSON instead of as text."""
    return argument("--json", action="store_true", help=f"print {what}")


@dataclass(frozen=True)
class Command:
    """A subcommand. ``run`` gets the parsed arguments, prints the result, and raises UserFacingError if it fails."""

    name: str
    help: str
    run: Callable[[argparse.Namespace], None]
    arguments: Sequence[Argument] = ()
    description: str | None = None
    epilog: str | None = None


@dataclass(frozen=True)
class CommandLine:
    """The commands of a package."""

    package: str
    description: str
    commands: Sequence[Command]
    interrupted: str  # what Ctrl+C leaves behind, as the rest of a sentence

    def main(self, arguments: Sequence[str] | None = None, program: str | None = None) -> int:
        """Runs one command and returns its exit code: 0 done, 1 failed, 2 bad input.

        Errors go to stderr as one sentence; the trace of one that nobody foresaw goes to a log. Bad usage ends the
        process with exit code 2, as argparse does it.
        """
        quiet_start.loaded()
        with legible_output():
            options = self._parser(program or f"python -m {self.package}").parse_args(arguments)
            return self._run(options)

    def _run(self, options: argparse.Namespace) -> int:
        try:
            options.run(options)
            sys.stdout.flush()
        except UserFacingError as error:
            print(f"error: {error}", file=sys.stderr)
            return error.exit_code
        except BrokenPipeError:
            _drop_output()  # its reader has gone
            return 1
        except KeyboardInterrupt:
            print(f"error: interrupted; {self.interrupted}.", file=sys.stderr)
            return 1
        except Exception as error:
            print(f"error: {record_unforeseen(error)}", file=sys.stderr)
            _drop_output()
            return 1
        return 0

    def _parser(self, program: str) -> argparse.ArgumentParser:
        parser = argparse.ArgumentParser(prog=program, description=self.description)
        commands = parser.add_subparsers(required=True, metavar="COMMAND")
        for command in self.commands:
            one = commands.add_parser(
                command.name,
                help=command.help,
                description=command.description,
                epilog=command.epilog,
            )
            for declared in command.arguments:
                one.add_argument(*declared.names, **declared.options)
            one.set_defaults(run=command.run)
        return parser


def _drop_output() -> None:
    """Writes out what was printed, or drops it: Python flushes stdout once more at its end, which must not fail."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def positive(text: str) -> int:
    """The type of an argument that is a whole number from 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} must be at least 1")
    return number


def table_lines(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The lines of a table whose columns align, also where cells are Chinese."""
    lines = [headings, *([one_line(cell) for cell in row] for row in rows)]
    widths = [max(_width(line[k]) for line in lines) for k in range(len(headings))]
    return [
        "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    ]


def _width(text: str) -> int:
    """The columns that a text takes on a terminal: wide characters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
