"""Knows files that are no logs by their first bytes, and says what to do with each."""

from db.errors import InputError

_AS_CSV = (
    "Open it in the spreadsheet, choose File, Save As, CSV UTF-8 (comma delimited), "
    "and take that file."
)
_UNPACK = "Unpack it, and take the log file inside; gzip (.gz) is read as it is."
_EXPORT = "Export the logs as CSV, and take that file."
_SIGNS = (
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", _AS_CSV),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (b"Rar!", "a RAR archive", _UNPACK),
    (b"BZh91AY&SY", "packed with bzip2", _UNPACK),
    (b"\xfd7zXZ", "packed with xz", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "packed with zstandard", _UNPACK),
    (b"\x1f\x8b", "packed with gzip twice", "Unpack it once, and take that file."),
    (b"%PDF", "a PDF", _EXPORT),
    (b"SQLite format 3", "a database", _EXPORT),
    (b"Obj\x01", "an Avro file", "Export the logs as Parquet or CSV, and take that file."),
)
_TAR = slice(257, 262)  # where a tar archive says what it is


def refuse_foreign(head: bytes, name: str) -> None:
    """Raise InputError with the next step where ``head`` begins a file of another kind."""
    if head.startswith(b"PK\x03\x04"):
        workbook = b"xl/" in head or b"[Content_Types]" in head
        what = "an Excel workbook" if workbook else "a zip archive"
        raise InputError(f"{name} is {what}. {_AS_CSV if workbook else _UNPACK}")
    for sign, what, remedy in _SIGNS:
        if head.startswith(sign):
            raise InputError(f"{name} is {what}. {remedy}")
    if head[_TAR] == b"ustar":
        raise InputError(f"{name} is a tar archive. {_UNPACK}")
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:15].lower().startswith((b"<!doctype html", b"<html")):
        raise InputError(
            f"{name} is a web page, as some shops export under the name of a workbook. {_AS_CSV}"
        )
