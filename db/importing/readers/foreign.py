"""Recognises workbooks, web pages, and files that are not logs, and tells people what to do with the latter."""

import re

from db.errors import InputError

_OLE = b"\xd0\xcf\x11\xe0"  # begins .xls, and every workbook with a password

# First bytes -> the key of what the file is, and the values of its blanks.
_FOREIGN_FILES: tuple[tuple[bytes, str, dict[str, str]], ...] = (
    (b"7z\xbc\xaf\x27\x1c", "db.file.archive", {"kind": "7z"}),
    (b"Rar!", "db.file.archive", {"kind": "RAR"}),
    (b"PK\x03\x04", "db.file.archive", {"kind": "zip"}),
    (b"BZh91AY&SY", "db.file.compressed", {"tool": "bzip2"}),
    (b"\xfd7zXZ", "db.file.compressed", {"tool": "xz"}),
    (b"\x28\xb5\x2f\xfd", "db.file.compressed", {"tool": "zstandard"}),
    (b"\x1f\x8b", "db.file.gzipped_twice", {}),
    (b"%PDF", "db.file.pdf", {}),
    (b"SQLite format 3", "db.file.database", {}),
    (b"PGDMP", "db.file.sql_dump", {}),
    (b"Obj\x01", "db.file.avro", {}),
    (b"\x89PNG", "db.file.picture", {}),
    # Records of a workbook without the workbook around them, as old shops write them by hand.
    (b"\x09\x00\x04\x00", "db.file.damaged_workbook", {}),
    (b"\x09\x02\x06\x00", "db.file.damaged_workbook", {}),
    (b"\x09\x04\x06\x00", "db.file.damaged_workbook", {}),
    (b"\x09\x08\x08\x00", "db.file.damaged_workbook", {}),
    (b"\x09\x08\x10\x00", "db.file.damaged_workbook", {}),
    (b"\xff\xd8\xff", "db.file.picture", {}),
)
_TAR = slice(257, 262)  # where a tar archive has its signature

_WEB_PAGE = re.compile(
    r"\s*(?:<!--.*?-->\s*|<\?xml[^>]*>\s*)*<(!doctype\s+html|html|head|meta|body|table|style|div)\b",
    re.IGNORECASE | re.DOTALL,
)
_XML_WORKBOOK = re.compile(
    r"\s*<\?(xml|mso-application)[^>]*>.{0,2000}?schemas-microsoft-com:office:spreadsheet",
    re.DOTALL,
)
_XML = re.compile(r"\s*<(\?xml|[a-zA-Z][\w:.-]*(\s[^<>]*)?>)")
_SQL = re.compile(
    r"^\s*(INSERT\s+(IGNORE\s+)?INTO\s+\S+.{0,5000}?(VALUES|\()|REPLACE\s+INTO\s+\S+|CREATE\s+(TABLE|DATABASE|SCHEMA)\s+\S+"
    r"|DROP\s+TABLE\s|LOCK\s+TABLES\s|COPY\s+\S+.{0,2000}FROM\s+stdin|SET\s+(NAMES|FOREIGN_KEY_CHECKS|statement_timeout)\b"
    r"|--\s+(MySQL|MariaDB|PostgreSQL)\b.{0,40}dump|/\*!\d{5})",
    re.IGNORECASE | re.MULTILINE,
)
_SQL_LINES = 60  # that may be comments above the first statement


def workbook_format(head: bytes) -> str:
    """xlsx, xlsb, xls or ods if ``head`` begins a workbook, else empty."""
    if head.startswith(_OLE):
        return "xls"
    if not head.startswith(b"PK\x03\x04"):
        return ""
    if b"opendocument.spreadsheet" in head[:200]:
        return "ods"
    if b"xl/workbook.bin" in head:
        return "xlsb"
    other = any(part in head for part in (b"word/", b"ppt/"))
    return "xlsx" if not other and (b"xl/" in head or b"[Content_Types]" in head) else ""


def is_web_page(text: str) -> bool:
    """Whether the text is HTML, be it a table alone."""
    return _XML_WORKBOOK.match(text) is None and _WEB_PAGE.match(text) is not None


def refuse_foreign(head: bytes, name: str) -> None:
    """Raise InputError with the next step if ``head`` begins a file that is not a log."""
    for signature, key, values in _FOREIGN_FILES:
        if head.startswith(signature):
            raise InputError(key, name=name, **values)
    if head[_TAR] == b"ustar":
        raise InputError("db.file.archive", name=name, kind="tar")


def refuse_foreign_text(text: str, name: str) -> None:
    """The same for text: an SQL dump, a workbook in XML, other XML."""
    begins = "\n".join(text.split("\n", _SQL_LINES)[:_SQL_LINES])
    if _SQL.search(begins):
        raise InputError("db.file.sql_dump", name=name)
    if _XML_WORKBOOK.match(text):
        raise InputError("db.file.xml_workbook", name=name)
    if _XML.match(text):
        raise InputError("db.file.xml", name=name)
