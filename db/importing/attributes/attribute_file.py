"""Reads and validates one file of items or of users."""

from dataclasses import replace

import numpy as np

from db.importing.answers import Answers
from db.importing.attributes.cells import CellReader
from db.importing.attributes.rows import AttributeRows
from db.importing.attributes.word_columns import WordColumn
from db.importing.column_mapping import ITEMS, ColumnMapping
from db.importing.nothing import without_nothing
from db.importing.questions import Question
from db.importing.readers.chunk import Chunk, RowError
from db.importing.readers.encoding import printable
from db.importing.readings import CellNotes, Readings
from db.importing.staged import StagedLogs
from db.importing.survey import SHOWN_WORDS
from db.messages import Message, Value

_KEPT_WORDS = 1_000


class AttributeFile:
    """Reads a file of items or of users, chunk by chunk."""

    def __init__(
        self, mapping: ColumnMapping, readings: Readings, answers: Answers, notes: CellNotes
    ) -> None:
        self._mapping = mapping
        self._cells = CellReader(mapping, readings, answers.states, notes)
        self._rows = AttributeRows(mapping)

    def add(self, chunk: Chunk) -> tuple[int, list[RowError]]:
        """Add the rows of a chunk; returns how many are good so far, and the errors of the others."""
        errors = list(chunk.unreadable)
        if not len(chunk.lines):
            return 0, errors
        words = self._cells.columns.keys() & chunk.columns.keys()
        emptied = without_nothing(
            replace(
                chunk,
                columns={name: cells for name, cells in chunk.columns.items() if name not in words},
            )
        )
        columns = emptied.columns | {name: chunk.columns[name] for name in words}
        chunk = replace(emptied, columns=columns)
        read = self._cells.read(chunk)
        good = np.ones(len(chunk.lines), bool)
        for row, field, problem in sorted(read.problems, key=lambda one: one[0]):
            good[row] = False
            value = printable(chunk.columns[field][row])[:200]
            line, heading = int(chunk.lines[row]), self._mapping.heading(field)
            errors.append(RowError(line, heading, value, problem, chunk.row_text(row)))
        self._rows.add(read, good)
        return int(good.sum()), errors

    def finish(self) -> tuple[StagedLogs, list[RowError], list[Message]]:
        """What the file states, the errors of rows that fit no other, and notes."""
        staged, errors, notes = self._rows.finish()
        if self._cells.without_number:
            notes.append(Message("db.note.stock_without_number", {"n": self._cells.without_number}))
        return staged, errors, notes + _facts(staged, self._mapping.shape)

    def questions(self) -> list[Question]:
        """The words that nobody has explained, a question for each column."""
        return [
            self._question(field, dict(unknown.most_common(_KEPT_WORDS)))
            for field, unknown in self._cells.unknown.items()
        ]

    def _question(self, field: str, words: dict[str, int]) -> Question:
        column: WordColumn = self._cells.columns[field]
        heading = self._mapping.heading(field)
        shown = [f"{word[:40]} ({n})" for word, n in list(words.items())[:SHOWN_WORDS]]
        values: dict[str, Value] = {
            "column": (heading,),
            "words": ", ".join(shown) + (" ..." if len(words) > SHOWN_WORDS else ""),
            "option": f"--state {next(iter(words))[:40]}={column.choices[0]}",
            "choices": ", ".join(column.choices),
        }
        message = Message("db.question.words", values)
        return Question("states", message, heading, tuple(words.items()), column.choices)


def _facts(staged: StagedLogs, shape: str) -> list[Message]:
    """What a shop manager wants to know of the items or users that a file brings."""
    if shape == ITEMS:
        stated = staged.item_attributes.values()
        counts = {
            name: sum(one.status == name for one in stated) for name in ("on", "off", "hidden")
        }
        counts["sold_out"] = sum(one.stock == 0 for one in stated)
        return [Message("db.note.items_by_shelf", {"n": len(staged.items), **counts})]
    asked = [one.contactable for one in staged.user_attributes.values()]
    told = {"n": len(staged.users), "not_contactable": sum(one is False for one in asked)}
    return [Message("db.note.users_by_wish", told)]
