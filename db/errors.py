"""The errors that people see. Each carries a message that names the thing, the value and the next step."""

from typing import Any

from sqlalchemy.exc import DBAPIError, OperationalError

from db.messages import Message, Value


class UserFacingError(Exception):
    """An error that is shown to people: ``message`` is complete, and ``str`` of the error is its English.

    Raised with a key of the package's ``messages.en.json`` and the values of its blanks.
    """

    exit_code = 1  # of a command that ends with the error; 2 when the input is at fault

    def __init__(self, key: str | Message, /, **values: Value) -> None:
        self.message = key if isinstance(key, Message) else Message(key, values)
        super().__init__(str(self.message))

    def __reduce__(self) -> tuple[Any, ...]:
        """Errors cross process borders with their messages and notes."""
        return type(self), (self.message,), self.__dict__


class StoreError(UserFacingError):
    """The store cannot be opened, read or written."""


class StoreBusyError(StoreError):
    """Another process is writing to the store and has not finished in time."""


class InputError(StoreError):
    """A file, a value or a request is at fault; the store is unchanged."""

    exit_code = 2


class DoubleImportError(InputError):
    """The same file was imported already, as import ``import_id``."""

    def __init__(self, key: str | Message, /, import_id: int, **values: Value) -> None:
        super().__init__(key, **values)
        self.import_id = import_id

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickles with the import."""
        return type(self), (self.message, self.import_id), self.__dict__


# Parts of what drivers report -> the key of the message about it. The first match wins.
_DRIVER_ERRORS = (
    (("locked", "lock timeout", "busy"), "db.store.in_use"),
    (
        ("disk is full", "no space left", "could not extend", "disk full"),
        "db.store.disk_full",
    ),
    (("not a database", "malformed", "file is encrypted"), "db.store.not_sqlite"),
    (("readonly", "read-only", "permission denied"), "db.store.read_only"),
    (("unable to open", "disk i/o error"), "db.store.unreadable"),
    (
        ("connection refused", "could not connect", "connection failed", "connection to server"),
        "db.store.unreachable",
    ),
    (("authentication failed", "does not exist"), "db.store.login_refused"),
)


def explain_driver_error(
    error: DBAPIError, place: str, secrets: tuple[str, ...] = ()
) -> StoreError:
    """The driver's error as one about the store at ``place``, with what to do and without ``secrets``."""
    said = " ".join(str(error.orig).split())
    for secret in secrets:
        said = said.replace(secret, "***")
    for parts, key in _DRIVER_ERRORS:
        if any(part in said.lower() for part in parts):
            kind = StoreBusyError if key == "db.store.in_use" else StoreError
            return kind(key, place=place, said=said)
    operational = isinstance(error, OperationalError)
    key = "db.store.failed" if operational else "db.store.statement_refused"
    return StoreError(key, place=place, said=said)


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


class ResultsError(TrainError):
    """A file of benchmark results cannot be read or written (exit code 1)."""


class NotUpdatableError(TrainError):
    """A system cannot take in new logs without learning anew."""


class CancelledError(TrainError):
    """Somebody asked for the training to stop; nothing was promoted."""
