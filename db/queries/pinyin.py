"""Names as a keyboard types them: full pinyin and initials, for search."""

import re
import unicodedata
from functools import lru_cache

_HAN = re.compile(r"([㐀-䶿一-鿿]+)")


def spell(name: str) -> tuple[str, str]:
    """The pinyin of ``name`` and its initials, lower case, without tones, spaces and signs.

    What is not Chinese stands in both as it is: ``"豆豆妈 Tina"`` gives ``("doudoumatina",
    "ddmtina")``.
    """
    full: list[str] = []
    initials: list[str] = []
    for run in _HAN.split(plain(name)):
        if _HAN.fullmatch(run):
            syllables = _syllables(run)
            full += syllables
            initials += [syllable[0] for syllable in syllables]
        else:
            letters = "".join(filter(str.isalnum, run))
            full.append(letters)
            initials.append(letters)
    return "".join(full), "".join(initials)


def plain(text: str) -> str:
    """``text`` in lower case, full-width forms made half-width, without space around it."""
    return unicodedata.normalize("NFKC", text).strip().lower()


@lru_cache(maxsize=65536)
def _syllables(run: str) -> tuple[str, ...]:
    # Imported here because its dictionary takes a while to load and most commands bring no names.
    from pypinyin import lazy_pinyin

    return tuple(lazy_pinyin(run))
