"""Names are spelled as pypinyin spells them, word by word, and much faster."""

import pytest
from pypinyin import lazy_pinyin

from db.queries.search import spell, spell_names


@pytest.mark.parametrize(
    "name",
    [
        "重庆火锅",
        "银行行长",
        "长沙的长辈",
        "乐乐妈",
        "音乐会",
        "王重阳",
        "一丝不苟的人",
        "㐀㐁",
        "曾经沧海难为水",
    ],
)
def test_a_name_is_spelled_as_the_dictionary_reads_its_words(name: str) -> None:
    assert spell(name)[0] == "".join(lazy_pinyin(name))


def test_each_name_has_its_spelling_and_no_name_has_none() -> None:
    spelled = spell_names(["豆豆妈 Tina", None, "豆豆妈 Tina"])
    assert spelled["pinyin"] == ["doudoumatina", None, "doudoumatina"]
    assert spelled["initials"] == ["ddmtina", None, "ddmtina"]
