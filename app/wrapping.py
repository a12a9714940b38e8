"""Breaking text into the lines of a table's cell, by the width that letters take.

The table's own wrapping estimates a line's width and is far off where Chinese and English mix.
"""

import re

CHINESE, LATIN = 14.5, 7.2  # pixels a letter takes at most, on average, in the tables' font
_PIECE = re.compile(
    r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]|[^\s\u2e80-\u9fff\uf900-\uffef]+|\s+"
)


def width(text: str) -> float:
    """About how many pixels a text takes."""
    return sum(CHINESE if ord(letter) > 0x2E7F else LATIN for letter in text)


def lines(text: str, pixels: int) -> list[str]:
    """The text in lines of at most ``pixels``, broken at spaces and between Chinese letters.

    A single word wider than a line stands on a line of its own.
    """
    broken, line = [], ""
    for piece in _PIECE.findall(text):
        if line and width(line + piece.rstrip()) > pixels:
            broken.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    return [*broken, line.rstrip()] if line.strip() else broken


def fitting(sentences: list[str], pixels: int, most: int) -> str:
    """As many whole sentences as stand in ``most`` lines, each from a new line; at least one."""
    kept: list[str] = []
    for sentence in sentences:
        more = lines(sentence, pixels)
        if kept and len(kept) + len(more) > most:
            break
        kept += more
    return "\n".join(kept)
