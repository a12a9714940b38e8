"""What people read where something failed that no page handles itself: a sentence with what to do, never a trace."""

import logging

from app.auth.permissions import NotAllowedError
from app.auth.sign_in import show_not_allowed
from app.frame.page import error_box
from app.text import t
from app.text.messages import message_text
from db.errors import EngineError, InputError, StoreError, UserFacingError
from db.unforeseen import record_unforeseen

_LOG = logging.getLogger(__name__)


def show_known_failure(error: UserFacingError | NotAllowedError) -> None:
    """Draws an error that has its sentence."""
    if isinstance(error, NotAllowedError):
        show_not_allowed()
        return
    if isinstance(error, EngineError):
        title = t("model.trouble")
    elif isinstance(error, StoreError) and not isinstance(error, InputError):
        title = t("store.trouble")
    else:
        title = t("failure.title")
    error_box(title, message_text(error))


def show_failure(error: Exception) -> bool:
    """Draws any error, also of a callback or of a part of a page; the trace of an unforeseen one goes to a log.

    Returns True, so that Streamlit draws nothing of its own.
    """
    if isinstance(error, UserFacingError | NotAllowedError):
        show_known_failure(error)
    else:
        said = record_unforeseen(error)
        _LOG.error("%s", said)
        error_box(t("failure.title"), message_text(said))
    return True
