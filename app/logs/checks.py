"""The latest check of this session, and of which uploads it was."""

from dataclasses import dataclass

import streamlit as st

from app.cached_reads import open_store
from app.logs.uploads import KeptUpload
from db.importing import background
from db.importing.background import ImportFolder, ImportOutcome
from db.importing.report import ImportReport

RUNNING, DONE = "import-running", "import-done"  # folders of an import or a check, in the session
UPLOADS = "import-uploads"  # the ids of their uploads


@dataclass(frozen=True)
class Check:
    """What a check, or an import that did not come about, found in an upload."""

    folder: ImportFolder
    number: int  # the upload's place in it
    report: ImportReport
    outcome: ImportOutcome

    def outdated(self, upload: KeptUpload) -> bool:
        """Whether an answer has changed since."""
        task = self.folder.task()
        if task is None:
            return True
        file = task.files[self.number]
        return (file.kind, file.answers) != (upload.kind, upload.answers)


def latest_check(upload: KeptUpload) -> Check | None:
    """What the latest check found in the upload, ``None`` where it was not checked."""
    folder: ImportFolder | None = st.session_state.get(DONE)
    ids: list[str] = st.session_state.get(UPLOADS, [])
    if folder is None or upload.id not in ids:
        return None
    outcome, number = background.import_outcome(open_store(), folder), ids.index(upload.id)
    if number >= len(outcome.reports):
        return None
    return Check(folder, number, outcome.reports[number], outcome)
