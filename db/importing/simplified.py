"""Headings and words in one spelling: half width, lower case, simplified Chinese, without spaces and punctuation."""

import re
import unicodedata
from functools import lru_cache

from opencc import OpenCC

_TO_SIMPLIFIED = OpenCC("t2s")
_CHINESE = re.compile("[\u4e00-\u9fff]")


def simplified(text: str) -> str:
    """The text with traditional Chinese signs converted to simplified ones."""
    return _TO_SIMPLIFIED.convert(text) if _CHINESE.search(text) else text


@lru_cache(maxsize=1 << 16)
def normalised_word(text: str) -> str:
    """The word in half width, lower case and simplified Chinese, without spaces and punctuation."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return re.sub(r"[\W_]+", "", simplified(folded))
