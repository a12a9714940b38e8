"""The same piece of a file as each encoding reads it, so that people can tell which is right."""

from db.importing.readers.encoding import ENCODINGS
from db.importing.readers.source import SourceFile

LONGEST_SAMPLE = 60  # characters


def encoding_samples(source: SourceFile) -> dict[str, str]:
    """Encoding -> the first words of the file that are not ASCII, for each that can read them.

    Encodings that read the same text are one choice: the first of them.
    """
    pieces = source.samples or (source.head,)
    found: dict[str, str] = {}
    for encoding in ENCODINGS:
        try:
            text = pieces[0].decode(encoding, "strict")
        except UnicodeDecodeError as error:
            if error.end < len(pieces[0]) - 8:  # not merely the piece's end in mid-character
                continue
            text = pieces[0].decode(encoding, "ignore")
        except ValueError:
            continue
        sample = _foreign_words(text)
        if sample and sample not in found.values():
            found[encoding] = sample
    return found


def _foreign_words(text: str) -> str:
    """The first cells of a text that hold other than ASCII."""
    cells = (cell.strip() for line in text.splitlines() for cell in _cells(line))
    sample = ""
    for cell in dict.fromkeys(cells):
        if not cell.isascii() and cell.isprintable():
            sample = f"{sample}  {cell}".strip()
            if len(sample) >= LONGEST_SAMPLE:
                break
    return sample[:LONGEST_SAMPLE]


def _cells(line: str) -> list[str]:
    for sign in "\t;|":
        line = line.replace(sign, ",")
    return line.split(",")
