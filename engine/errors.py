"""The errors that people see: a sentence that names the thing, the value and the next step."""


class EngineError(Exception):
    """Serving cannot go on; the message is complete and fit to be shown as it is (exit code 1)."""


class NoModel(EngineError):  # noqa: N818
    """No model version serves yet."""


class UnknownModel(EngineError):  # noqa: N818
    """No model version of this name is ready (exit code 2)."""


class BundleRefused(EngineError):  # noqa: N818
    """The files of a model version are missing, damaged, or not what was exported."""


class InputRefused(EngineError):  # noqa: N818
    """A file or a value that the engine was given is at fault (exit code 2)."""
