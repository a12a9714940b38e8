"""The errors that people see: each carries a message that names the thing, the value and the next step."""

from typing import Any

from sqlalchemy.exc import DBAPIError, OperationalError

from db.messages import Message, Value


class UserFacingError(Exception):
    """An error that is shown to people: ``message`` is complete, and ``str`` of the error is its English.

    Raised with a key of the package's ``messages.en.json`` and the values of its blanks.
    """

    exit_code = 1  # of a command that ends with the error; 2 when the input is at fault

    def __init__(self, key: str | Message, /, **values: Value) -> None:
        if isinstance(key, Message):
            self.message = key
        elif " " in key:  # a whole sentence; goes once every error has its key
            self.message = Message("db.text", {"text": key})
        else:
            self.message = Message(key, values)
        super().__init__(str(self.message))

    def __reduce__(self) -> tuple[Any, ...]:
        """Errors cross process borders with their messages."""
        return type(self), (self.message,)


class StoreError(UserFacingError):
    """The store cannot be opened, read or written."""


class InputError(StoreError):
    """The file, the value or the wish is at fault; the store is unchanged."""

    exit_code = 2


class DoubleImportError(InputError):
    """The store holds the very file already, as import ``import_id``."""

    def __init__(self, key: str | Message, /, import_id: int, **values: Value) -> None:
        super().__init__(key, **values)
        self.import_id = import_id

    def __reduce__(self) -> tuple[Any, ...]:
        """With the import."""
        return type(self), (self.message, self.import_id)


# What the drivers say -> what it means and what to do. The first match wins.
_MEANINGS = (
    (
        ("locked", "lock timeout", "busy"),
        "is in use by another process that is writing. Wait until it has finished, then try again.",
    ),
    (
        ("disk is full", "no space left", "could not extend", "disk full"),
        "cannot grow: the disk is full. Free some space, then try again; nothing was changed.",
    ),
    (
        ("not a database", "malformed", "file is encrypted"),
        "is no SQLite database, or a damaged one. Restore a backup, or point MAMGBR_DB elsewhere.",
    ),
    (
        ("readonly", "read-only", "permission denied"),
        "cannot be written. Give this user the right to write to the file and its folder.",
    ),
    (
        ("unable to open", "disk i/o error"),
        "cannot be opened or read. Check that the folder exists and that the disk is sound.",
    ),
    (
        ("connection refused", "could not connect", "connection failed", "connection to server"),
        "cannot be reached. Check that the server runs and that MAMGBR_DB is right.",
    ),
    (
        ("authentication failed", "does not exist"),
        "refuses the name, the password or the database. Check MAMGBR_DB.",
    ),
)


def explain(error: DBAPIError, place: str) -> StoreError:
    """The driver's error as a sentence about the store at ``place``."""
    said = " ".join(str(error.orig).split())
    for words, meaning in _MEANINGS:
        if any(word in said.lower() for word in words):
            return StoreError(f"The store {place} {meaning} (It said: {said})")
    kind = "failed" if isinstance(error, OperationalError) else "refused a statement"
    return StoreError(
        f"The store {place} {kind}: {said}. Nothing was changed; please report this with the log."
    )


class EngineError(UserFacingError):
    """Serving cannot go on."""


class NoModel(EngineError):  # noqa: N818
    """No model version serves yet."""


class UnknownModel(EngineError):  # noqa: N818
    """No model version of this name is ready."""

    exit_code = 2


class BundleRefused(EngineError):  # noqa: N818
    """The files of a model version are missing, damaged, or not what was exported."""


class InputRefused(EngineError):  # noqa: N818
    """A file or a value that the engine was given is at fault."""

    exit_code = 2


class TrainError(UserFacingError):
    """Training cannot go on."""


class SettingError(TrainError):
    """A setting or an argument is at fault; nothing was started."""

    exit_code = 2


class DataError(TrainError):
    """The store holds too little to train on, or the wrong thing."""

    exit_code = 2


class NotUpdatableError(TrainError):
    """A system cannot take in new logs without learning anew."""


class CancelledError(TrainError):
    """Somebody asked for the training to stop; nothing was promoted."""
