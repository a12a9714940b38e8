"""How an upload would be read: what was recognised, its first rows as they are stored, and what is in question."""

import json
from dataclasses import dataclass

import streamlit as st

from app.cached_reads import open_store
from app.logs.uploads import KeptUpload
from db.importing.answers import Answers
from db.importing.attributes.recognition import KINDS, guess_file_fields
from db.importing.column_mapping import ITEMS, USERS, ColumnsError
from db.importing.log_file import LogFile, read_log
from db.importing.preview import Preview, preview_source
from db.importing.questions import Question
from db.importing.readers.encoding import plausible_readings
from db.importing.remembered import RememberedAnswers, recalled
from db.importing.report import ImportReport
from db.importing.stored_rows import (
    StoredGroup,
    StoredItem,
    StoredUser,
    stored_entities,
    stored_groups,
)

SAMPLE_ROWS = 2_000  # of the file, read as an import reads them
_READINGS = "readings"  # in the session: the latest of each upload
TEXT_FORMATS = ("csv", "jsonl", "json", "html", "beibei")
_OF_LOGS = {
    "initiator",
    "user",
    "participants",
    "group",
    "item",
}  # a table with one of them has logs
FIELD = "field:"  # the kind of a question for the column that holds a field


@dataclass(frozen=True)
class Reading:
    """One way to read an upload."""

    said: RememberedAnswers
    preview: Preview
    report: ImportReport | None  # on the first rows; None if the columns make no log
    groups: tuple[StoredGroup, ...]
    entities: tuple[StoredItem | StoredUser, ...]  # of a file of items or of people
    whole: bool  # whether these rows are the whole file
    encodings: dict[str, str]  # each in which the file is text, with some of the words read so

    @property
    def questions(self) -> tuple[Question, ...]:
        """What is open."""
        return self.preview.questions if self.report is None else self.report.questions


def read_upload(upload: KeptUpload) -> Reading:
    """How the upload is read with the answers given now and before; raises InputError where it cannot be read.

    Read again only where an answer has changed since.
    """
    key = json.dumps([upload.kind, upload.answers.as_json()], sort_keys=True)
    readings: dict[str, tuple[str, Reading]] = st.session_state.setdefault(_READINGS, {})
    if readings.get(upload.id, ("",))[0] != key:
        readings[upload.id] = (key, _read(upload))
    return readings[upload.id][1]


def _read(upload: KeptUpload) -> Reading:
    assert upload.source is not None, "unusable uploads are not read"  # noqa: S101
    source = upload.source
    said = recalled(open_store(), source, "auto", upload.kind, upload.answers)
    preview = preview_source(source, kind=upload.kind, answers=said.answers)
    encodings = (
        {one.encoding: one.sample for one in plausible_readings(source)}
        if preview.format in TEXT_FORMATS
        else {}
    )
    if preview.problem is not None:
        return Reading(said, preview, None, (), (), False, encodings)
    log = LogFile(source.path, upload.kind, source.name)
    staged, report = read_log(log, source, "auto", said.answers, limit=SAMPLE_ROWS)
    whole = report.accepted + report.rejected < SAMPLE_ROWS
    groups, entities = stored_groups(staged), stored_entities(staged)
    return Reading(said, preview, report, groups, entities, whole, encodings)


def column_questions(problem: ColumnsError, seen: Preview, answers: Answers) -> list[Question]:
    """What a row is, where that is open; else a question for each field that no column holds."""
    headings = tuple(seen.mapping)
    if not answers.kind and not _OF_LOGS & set(seen.mapping.values()):
        keys = {ITEMS: "item", USERS: "user"}
        if any(key in guess_file_fields(headings, {}, kind) for kind, key in keys.items()):
            return [Question("kind", problem.message, choices=KINDS)]
    return [Question(FIELD + name, problem.message, choices=headings) for name in problem.missing]


def encoding_question(reading: Reading) -> list[Question]:
    """A question where another encoding reads the file nearly as well; the answer is the likelier one until then."""
    doubt = [note for note in reading.preview.notes if note.key == "db.note.encoding_doubt"]
    return [Question("encoding", note, choices=tuple(reading.encodings)) for note in doubt]


def is_answered(question: Question, answers: Answers) -> bool:
    """Whether people have answered the question."""
    if question.kind.startswith(FIELD):
        return question.kind.removeprefix(FIELD) in answers.columns.values()
    if question.kind == "columns":
        return question.column in answers.columns
    if question.kind == "encoding":
        return True  # the likeliest reading is taken
    if question.kind == "states":
        return all(state_of(question, word, answers) for word, _ in question.values)
    return bool(getattr(answers, question.kind, ""))


def state_of(question: Question, word: str, answers: Answers) -> str:
    """What a word in question was said to mean, empty if nothing was said."""
    for key in (f"{question.column}:{word}", word):
        if key in answers.states:
            return answers.states[key]
    return ""
