"""Makes db/importing/readers/frequent_signs.json: what tells the languages of undeclared encodings apart.

Of a language in thousands of signs, the signs from the most frequent on; of one in letters, what follows each letter
in its words (a space: where a word begins or ends), from the most frequent on. Counted over the word frequencies of
wordfreq 3.1.1 (Robyn Speer, CC BY-SA 4.0); traditional signs by OpenCC. Neither is needed to run the product:
``pip install wordfreq``, then ``python benchmarks/frequent_signs.py``.
"""

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path

import opencc
from wordfreq import get_frequency_dict

TARGET = Path(__file__).parent.parent / "db/importing/readers/frequent_signs.json"
SIGNS = {"zh-Hans": 3000, "zh-Hant": 3500, "ja": 2000, "ko": 1300}

LETTERS = ("pl cs sk hu ro sl sh lt lv de fr es pt it sv da nb fi nl is tr el ru uk bg mk").split()  # noqa: SIM905
ALPHABET = 60  # letters of a language at most
WORDS = 30_000
_ROMANIAN = str.maketrans("șț", "şţ")  # as Windows-1250 has them


def signs(language: str, count: int) -> str:
    """The most frequent signs that are not ASCII."""
    converter = opencc.OpenCC("s2twp") if language == "zh-Hant" else None
    counts: Counter[str] = Counter()
    for word, share in get_frequency_dict(language[:2], "best").items():
        for sign in converter.convert(word) if converter else word:
            if not sign.isascii() and sign.isalpha():
                counts[sign] += share
    return "".join(sign for sign, _ in counts.most_common(count))


def followers(language: str) -> dict[str, str]:
    """Letter -> the letters that follow it."""
    counts: dict[str, Counter[str]] = {}
    words = get_frequency_dict(language, "best")
    letters: Counter[str] = Counter()
    for word in sorted(words, key=words.__getitem__, reverse=True)[:WORDS]:
        if word.isalpha():
            letters.update(dict.fromkeys(word.translate(_ROMANIAN), words[word]))
            text = f" {word} ".translate(_ROMANIAN)
            for first, second in pairwise(text):
                # A word's share by its root: shop words are rarer than the words of grammar.
                counts.setdefault(first, Counter())[second] += words[word] ** 0.5
    alphabet = {" ", *(letter for letter, _ in letters.most_common(ALPHABET))}
    return {
        first: "".join(letter for letter, _ in found.most_common() if letter in alphabet)
        for first, found in counts.items()
        if first in alphabet
    }


def main() -> None:
    """Writes the file."""
    tables: dict[str, object] = {name: signs(name, count) for name, count in SIGNS.items()}
    tables |= {name: followers(name) for name in LETTERS}
    TARGET.write_text(json.dumps(tables, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
