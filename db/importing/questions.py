"""What the product could not find out about a file, and how people answer."""

from dataclasses import dataclass

from db.messages import Message


@dataclass(frozen=True)
class Question:
    """Something that only a person can say about a file; the answer is one of db.importing.answers."""

    kind: str  # the field of Answers that answers it: "states", "dates", "undecided", "columns" ...
    message: Message  # what is asked, and the option that answers it
    column: str = ""  # its heading; empty if the whole file is in question
    values: tuple[tuple[str, int], ...] = ()  # the words or codes in question, each with its cells
    choices: tuple[str, ...] = ()  # the answers that there are
