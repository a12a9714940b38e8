"""The command that imports files."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from db.cli import Command, argument, json_option
from db.errors import InputError
from db.store import Store

if TYPE_CHECKING:
    from db.importing.report import ImportReport

_SHOWN_ERRORS = 20  # of one file, on stderr


def _import(options: argparse.Namespace) -> None:
    # Imported here because the readers load pyarrow and pandera, which the other commands do not need.
    from db.importing.answers import Answers
    from db.importing.pipeline import import_files
    from db.importing.report import RefusedImportError

    watched = sys.stderr.isatty() and not options.json
    try:
        reports = import_files(
            Store.open(),
            options.files,
            options.failed,
            options.friendships,
            file_format=options.format,
            answers=Answers(
                kind="" if options.kind == "auto" else options.kind,
                encoding=options.encoding,
                sheet=options.sheet,
                delimiter=options.delimiter,
                heading_line=options.heading_line,
                dates=options.dates,
                decimals=options.decimals,
                columns=_pairs("column", "HEADING=FIELD", options.column),
                states=_pairs("state", "WORD=MEANING", options.state),
                undecided=options.undecided,
            ),
            remember=True,
            dry_run=options.dry_run,
            strict=options.strict,
            force=options.force,
            show=options.show,
            progress=_show_progress if watched else lambda *_: None,
        )
    except RefusedImportError as refused:
        _show_row_errors(refused.reports)
        for report in refused.reports:
            for said in (*report.notes, *(one.message for one in report.questions)):
                print(f"  {said}", file=sys.stderr)
        raise
    _show_row_errors(reports)
    if options.json:
        print(json.dumps([report.as_json() for report in reports], ensure_ascii=False))
    else:
        _show_reports(reports, options.dry_run)


def _pairs(option: str, form: str, given: Sequence[str]) -> dict[str, str]:
    """What stands before each last sign = and behind it."""
    found = {}
    for pair in given:
        before, sign, behind = pair.rpartition("=")
        if not sign:
            raise InputError("db.command.pair_without_sign", option=option, given=pair, form=form)
        found[before] = behind
    return found


def _show_progress(stage: str, done: int, total: int) -> None:
    of = f" of {total}" if total else ""
    ends = "\n" if total and done >= total else ""
    print(f"\r{stage} {done}{of} rows", end=ends, file=sys.stderr, flush=True)


def _show_row_errors(reports: Sequence["ImportReport"]) -> None:
    for report in reports:
        for error in report.errors[:_SHOWN_ERRORS]:
            column = f", column {error.column!r}, value {error.value!r}" if error.column else ""
            print(f"{report.file}:{error.line}{column}: {error.problem}", file=sys.stderr)
        more = len(report.errors) - _SHOWN_ERRORS
        if more > 0:
            print(f"{report.file}: {more} more problems.", file=sys.stderr)


def _show_reports(reports: Sequence["ImportReport"], dry_run: bool) -> None:
    for report in reports:
        done = "would be imported" if dry_run else f"imported as import {report.id}"
        brought = ", ".join(f"{count} new {name}" for name, count in report.new.items() if count)
        print(
            f"{report.file} ({report.format}, {report.shape}): {report.accepted} rows {done}, "
            f"{report.rejected} rejected{'; ' + brought if brought else ''}."
        )
        for note in report.notes:
            print(f"  {note}")
        for question in report.questions:
            print(f"  {question.message}")
        for one in (*report.examples, *report.entities):
            print(f"  {one}")


_ARGUMENTS = (
    argument("files", nargs="*", type=Path, metavar="FILE"),
    argument(
        "--format",
        choices=(
            "auto",
            "csv",
            "jsonl",
            "json",
            "parquet",
            "beibei",
            "xlsx",
            "xlsb",
            "xls",
            "ods",
            "html",
        ),
        default="auto",
        help="format of the files (default: guessed from their content)",
    ),
    argument(
        "--kind",
        choices=("auto", "items", "users", "groups", "orders"),
        default="auto",
        help="what each row of the files is (default: told by the headings)",
    ),
    argument("--failed", nargs="+", type=Path, default=[], metavar="FILE", help="failed launches"),
    argument(
        "--friendships", nargs="+", type=Path, default=[], metavar="FILE", help="pairs of friends"
    ),
    argument(
        "--column",
        action="append",
        default=[],
        metavar="HEADING=FIELD",
        help="what a column means, if the guess is wrong; HEADING= ignores the column",
    ),
    argument(
        "--encoding",
        default="",
        help="such as gb18030, big5, cp949 or cp1252, if the guess is wrong",
    ),
    argument("--delimiter", default="", help="of CSV files, if the guess is wrong"),
    argument(
        "--heading-line",
        type=int,
        default=0,
        metavar="N",
        help="the line of a CSV file, or the row of a sheet, that has the headings",
    ),
    argument(
        "--dates",
        choices=("day", "month"),
        default="",
        help="which of the two comes first in dates such as 01/02/2025",
    ),
    argument(
        "--sheet", default="", help="of a workbook, by its name (default: the first with logs)"
    ),
    argument(
        "--decimals",
        choices=("point", "comma"),
        default="",
        help="the sign before the decimals of prices: 1,234.50 or 1.234,50",
    ),
    argument(
        "--state",
        action="append",
        default=[],
        metavar="WORD=MEANING",
        help="what a word or code of a state column means: successful, failed or open for a group, paid or void for "
        "an order (void: it does not count as a join), on, off or hidden for an item, in_stock or sold_out for its "
        "stock, contactable or not_contactable for a user; HEADING:WORD=MEANING says it for one column alone",
    ),
    argument(
        "--undecided",
        choices=("successful", "failed", "open"),
        default="",
        help="what groups are that show neither a state nor participants",
    ),
    argument("--dry-run", action="store_true", help="check the files without writing anything"),
    argument(
        "--show",
        type=int,
        default=0,
        metavar="N",
        help="print the first N groups, items or users as they are stored, best with --dry-run",
    ),
    argument("--strict", action="store_true", help="import nothing if any row is rejected"),
    argument("--force", action="store_true", help="import a file that was imported before"),
    json_option("a JSON list with an entry for each file"),
)

IMPORT_COMMAND = Command(
    "import",
    "import log files, all of them or none",
    _import,
    _ARGUMENTS,
    description="Import files with a row per group, order, item or user (.xlsx, .xls, CSV, JSON, Parquet with "
    "headings in English, Chinese, Korean or Japanese), or in the Beibei format; gzipped, in a zip archive or not.",
)
