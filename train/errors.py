"""The errors of training that people see: sentences that name the thing, the value and the next step."""


class TrainError(Exception):
    """Training cannot go on (exit code 1)."""


class SettingError(TrainError):
    """A setting or an argument is at fault; nothing was started (exit code 2)."""


class DataError(TrainError):
    """The store holds too little to train on, or the wrong thing (exit code 2)."""


class NotUpdatableError(TrainError):
    """A system cannot take in new logs without learning anew."""


class CancelledError(TrainError):
    """Somebody asked for the training to stop; nothing was promoted."""
