"""The one log file inside a zip archive."""

from contextlib import suppress
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile, ZipInfo

from db.errors import InputError

_WORKBOOK_PARTS = ("[Content_Types].xml", "mimetype", "content.xml", "xl/workbook.xml")
_ENCRYPTED = 1  # the flag of a member


def only_member(path: Path, name: str) -> ZipInfo | None:
    """The file inside an archive that has one; ``None`` for a workbook, whose parts are zipped too.

    Raises InputError if the archive has several files, or is locked by a password.
    """
    with suppress(BadZipFile, OSError, ValueError), ZipFile(path) as archive:
        members = [one for one in archive.infolist() if _is_content(one.filename)]
        if not members or any(one.filename in _WORKBOOK_PARTS for one in members):
            return None
        if len(members) > 1:
            names = tuple(one.filename[-80:] for one in members[:5])
            raise InputError("db.file.several_in_archive", name=name, n=len(members), names=names)
        if members[0].flag_bits & _ENCRYPTED:
            raise InputError("db.file.locked", name=name)
        return members[0]
    return None


def _is_content(name: str) -> bool:
    """Whether a member is a file that a person put there."""
    path = PurePosixPath(name)
    hidden = path.name.startswith((".", "~$")) or path.name in ("Thumbs.db", "desktop.ini")
    return not name.endswith("/") and not hidden and "__MACOSX" not in path.parts
