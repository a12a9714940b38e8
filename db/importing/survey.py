"""A first look at all cells of a file, which decides how its columns are read and what has to be asked."""

import re
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from db.importing.amounts import decimal_signs
from db.importing.answers import COMMA, DAY_FIRST, MONTH_FIRST, POINT, Answers
from db.importing.code_proof import NEEDED, CodeProof
from db.importing.column_mapping import (
    BARE_STATES,
    GROUPS,
    ITEMS,
    ORDERS,
    USERS,
    ColumnMapping,
    normalised_heading,
)
from db.importing.nothing import NOTHING
from db.importing.outcomes import read_progress
from db.importing.questions import Question
from db.importing.readers.chunk import Chunk
from db.importing.readers.sniff import guess_date_order
from db.importing.readings import PRICES, STATES, TIMES, Readings
from db.importing.states import (
    GROUP,
    ORDER,
    PAYMENT,
    REFUND,
    Meaning,
    StateColumn,
    are_flags,
    said_meanings,
    says_either,
    speaks_of,
)
from db.importing.time_columns import DAYS, is_completion
from db.importing.timestamps import are_ambiguous, written_offsets
from db.importing.zone_guess import guess_zone
from db.logs import FAILED, OPEN, SUCCESSFUL
from db.messages import Message, Term, Value
from db.shop_clock import on_clock

_ABOUT = {"status": GROUP, "order_state": ORDER, "payment_state": PAYMENT, "refund_state": REFUND}
_FLAG = re.compile(r"是否.+|(is|has).{3,}|paid|refunded|cancelled|canceled|有无.+")
_TIME_OF = {name: name for name in (*TIMES, "on_sale_from", "on_sale_until")} | {
    day: name for name, day in DAYS.items()
}
_COUNTS = "people_so_far"
_SURVEYED = (*STATES, _COUNTS, "target_size", *PRICES, *_TIME_OF)
_MANY = 1_000  # words of one column that are kept: a column of more holds no states
_LOOSE_DATE = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{4}")
SHOWN_WORDS = 8  # of a question, in its sentence


def surveyed_mapping(mapping: ColumnMapping) -> ColumnMapping | None:
    """The mapping with the columns alone that a survey looks at; None if there are none."""
    fields = tuple(field if field in _SURVEYED else None for field in mapping.fields)
    return replace(mapping, fields=fields) if {*fields} - {None, "target_size"} else None


class Survey:
    """Collects what the columns of a file hold, chunk by chunk."""

    def __init__(
        self, mapping: ColumnMapping, answers: Answers, dates: str = "", beibei: bool = False
    ) -> None:
        self._mapping = mapping
        self._beibei = beibei
        self._answers = answers
        self._dates = answers.dates or dates
        self._words: dict[str, Counter[str]] = {}
        self._prices: dict[str, set[str]] = {}
        self._loose_dates: dict[str, Counter[str]] = {}
        self._offsets: dict[int, int] = {}
        self._nobody_counted = False
        self._proof = CodeProof()

    def add(self, chunk: Chunk) -> None:
        """Look at the cells of one chunk."""
        if self._mapping.shape == GROUPS and all(chunk.columns.get(field) for field in NEEDED):
            self._proof.add(chunk.columns)
        for field, cells in chunk.columns.items():
            if field in STATES and len(self._words.setdefault(field, Counter())) <= _MANY:
                self._words[field].update(cells)
            elif field == _COUNTS:
                # Where a launch alone counts as nobody, the initiator does not count.
                self._nobody_counted |= bool((read_progress(cells).people == 0).any())
            elif field in PRICES:
                self._prices.setdefault(field, set()).update(cells)
            elif field in _TIME_OF:
                field = _TIME_OF[field]
                loose = [cell for cell in cells if _LOOSE_DATE.match(cell)]
                self._loose_dates.setdefault(field, Counter()).update(loose)
                for offset, moment in written_offsets(cells).items():
                    self._offsets.setdefault(offset, moment)

    def readings(self, zone: str = "") -> Readings:
        """How the columns are read; ``zone`` is the shop's, guessed where it is empty."""
        zone = zone or guess_zone(self._offsets, self._mapping.headings)
        return Readings(
            states=self._state_columns(),
            decimals=self._decimals(),
            dates=self._date_orders(),
            zone=zone,
            initiator_counts=not self._nobody_counted,
            undecided=self._answers.undecided,
            # In the Beibei format a launch without participants failed.
            rows_are_groups=self._mapping.shape == GROUPS and not self._beibei,
            filled_tells=not is_completion(normalised_heading(self._mapping.heading("filled_at"))),
            now=int(on_clock(np.array([time.time()], np.int64), zone)[0]),
        )

    def questions(self, readings: Readings, undecided: int = 0) -> list[Question]:
        """What the file leaves open; ``undecided`` are rows that tell no outcome."""
        asked = [self._state_question(*pair) for pair in readings.states.items()]
        if undecided:
            message = Message("db.question.undecided", {"n": undecided})
            asked.append(Question("undecided", message, choices=("failed", "open", "successful")))
        return [
            one for one in (*asked, self._date_question(readings), self._decimal_question()) if one
        ]

    def notes(self, readings: Readings) -> list[Message]:
        """How a column was read that could have been read otherwise."""
        proven = self._proven("status")
        if proven and not self._answers.states:
            names = {SUCCESSFUL: "successful", FAILED: "failed", OPEN: "open"}
            codes = ", ".join(f"{code}={names[one.group]}" for code, one in sorted(proven.items()))
            told: dict[str, Value] = {"column": (self._mapping.heading("status"),), "codes": codes}
            return [Message("db.note.codes_proven", told)]
        column = readings.states.get("status")
        heading = self._mapping.heading("status")
        if column is None or column.about != ORDER or self._mapping.shape != ORDERS:
            return []
        words = list(self._state_words("status"))
        both = [word for word in words if says_either(word)]
        if not both:
            return []
        values: dict[str, Value] = {
            "column": (heading,),
            "words": tuple([word for word in words if speaks_of([word])[1]][:SHOWN_WORDS]),
            "both": tuple(both[:SHOWN_WORDS]),
        }
        return [Message("db.note.states_of_orders", values)]

    def _state_words(self, field: str) -> dict[str, int]:
        """The words of a column with their counts, the most frequent first."""
        words = self._words.get(field, Counter())
        return {word: n for word, n in words.most_common() if word and word not in NOTHING}

    def _state_columns(self) -> dict[str, StateColumn]:
        fields: list[str] = [field for field in STATES if field in self._mapping.fields]
        if self._mapping.shape != ORDERS:
            # A row is a group: one column tells what became of it.
            fields = fields[:1]
        return {field: self._state_column(field) for field in fields}

    def _state_column(self, field: str) -> StateColumn:
        heading = self._mapping.heading(field)
        normalised, words = normalised_heading(heading), self._state_words(field)
        about = _ABOUT[field]
        orders = self._mapping.shape == ORDERS
        if field == "status" and orders and normalised in BARE_STATES:
            about = ORDER if speaks_of(words)[1] else GROUP
        flag = bool(_FLAG.fullmatch(normalised))
        if field in ("payment_state", "refund_state"):
            flag = flag or are_flags(words)
        return StateColumn(
            about=about if orders else GROUP,
            flag=flag,
            rows_are_groups=not orders,
            said=self._proven(field) | said_meanings(self._answers.states, heading),
        )

    def _proven(self, field: str) -> dict[str, Meaning]:
        return self._proof.meanings() if field == "status" else {}

    def _state_question(self, field: str, column: StateColumn) -> Question | None:
        words = {w: n for w, n in self._state_words(field).items() if column.meaning(w) is None}
        if not words:
            return None
        heading = self._mapping.heading(field)
        choices: tuple[str, ...] = ("successful", "failed", "open")
        choices = choices if column.rows_are_groups else (*choices, "paid", "void")
        shown = [f"{word[:40]} ({n})" for word, n in list(words.items())[:SHOWN_WORDS]]
        values: dict[str, Value] = {
            "column": (heading,),
            "words": ", ".join(shown) + (" ..." if len(words) > SHOWN_WORDS else ""),
            "option": f"--state {next(iter(words))[:40]}={choices[-2]}",
            "choices": ", ".join(choices),
        }
        kept = tuple((word, n) for word, n in words.items())[:_MANY]
        return Question("states", Message("db.question.states", values), heading, kept, choices)

    def _decimals(self) -> dict[str, str]:
        """The decimal sign of each column of prices, "" where each cell has to show its own."""
        if self._answers.decimals:
            return dict.fromkeys(self._prices, self._answers.decimals)
        seen = {field: decimal_signs(cells) for field, cells in self._prices.items()}
        together = {sign for signs, _ in seen.values() for sign in signs}
        found = {}
        for field, (signs, unclear) in seen.items():
            evidence = signs or together
            if len(evidence) == 1:
                [found[field]] = evidence
            else:
                # 1,299 is a thousand wherever nothing else is said, and 1.299 may be either.
                found[field] = "" if signs or any("." in cell for cell in unclear) else POINT
        return found

    def _decimal_question(self) -> Question | None:
        for field, sign in self._decimals().items():
            _, unclear = decimal_signs(self._prices[field])
            if not sign and unclear:
                heading = self._mapping.heading(field)
                values: dict[str, Value] = {
                    "column": (heading,), "example": (unclear[0][:40],), "n": len(unclear)
                }  # fmt: skip
                message = Message("db.question.decimals", values)
                return Question("decimals", message, heading, (), (POINT, COMMA))
        return None

    def _date_orders(self) -> dict[str, str]:
        if self._answers.dates:
            return dict.fromkeys(self._loose_dates, self._answers.dates)
        own = {field: guess_date_order("\n".join(c)) for field, c in self._loose_dates.items()}
        elsewhere = {order for order in own.values() if order}
        shared = elsewhere.pop() if len(elsewhere) == 1 else "" if elsewhere else self._dates
        return {field: order or shared for field, order in own.items()}

    def _date_question(self, readings: Readings) -> Question | None:
        for field, found in self._loose_dates.items():
            if readings.dates.get(field) or not found:
                continue
            cells = list(found)
            unclear = [c for c, is_open in zip(cells, are_ambiguous(cells), strict=True) if is_open]
            if unclear:
                heading = self._mapping.heading(field)
                count = sum(found[cell] for cell in unclear)
                values: dict[str, Value] = {
                    "column": (heading,), "n": count, "example": (unclear[0][:40],)
                }  # fmt: skip
                lost = "_of_rows" if self._mapping.shape in (ITEMS, USERS) else ""
                message = Message(f"db.question.dates{lost}", values)
                return Question("dates", message, heading, (), (DAY_FIRST, MONTH_FIRST))
        return None


def headings_of(mapping: ColumnMapping) -> Mapping[str, str]:
    """Field -> the heading of its column."""
    return {field: mapping.heading(field) for field in mapping.fields if field is not None}


def second_columns(mapping: ColumnMapping) -> list[Message]:
    """A note for each column that means what another says better."""
    return [
        Message(
            "db.note.second_column",
            {"kept": (one.kept,), "heading": (one.heading,), "field": Term("field", one.field)},
        )
        for one in mapping.second
    ]
