"""What the pages call systems, metrics and settings, and the paper's names for the same systems."""

import re

from app.text import catalogue, known, language, t
from app.text.messages import setting_label, setting_value_label

# How the paper writes them -> how the benchmark names what stands for them.
IN_PAPER = {
    "NGCF": "ngcf",
    "EATNN": "eatnn",
    "LightGCN": "lightgcn",
    "IMPGCN": "imp-gcn",
    "GBGCN": "gbgcn",
    "J2PRec": "j2prec",
    "MGBR": "mgbr",
    "MAMGBR": "mamgbr",
    "MAMGBR-M": "mamgbr-M",
    "MAMGBR-MH": "mamgbr-MH",
    "MAMGBR-L": "mamgbr-L",
}


def system_name(system: str) -> str:
    """A system's name with what it is; its own name where the catalogue does not know it."""
    key = f"system.{system}"
    return t(key) if known(key) else system


def metric_name(metric: str) -> str:
    """``mrr@10`` as people write it: ``MRR@10``; counts and shares in words."""
    kind, _, width = metric.partition("@")
    key = f"metric.{kind}"
    said = t(key) if known(key) else kind.upper()
    return f"{said}@{width}" if width else said


def metric_meaning(metric: str) -> str:
    """A sentence that says what a metric measures; empty for one that the catalogue does not know."""
    kind, _, width = metric.partition("@")
    key = f"metric.what.{kind}"
    return t(key, width=width) if known(key) else ""


def protocol_name(protocol: str) -> str:
    """What the lists of a protocol hold, in a few words."""
    key = f"protocol.{protocol}"
    return t(key) if known(key) else protocol


def protocol_meaning(protocol: str) -> str:
    """How a protocol asks, in a sentence; empty for one that the catalogue does not know."""
    key = f"protocol.what.{protocol}"
    return t(key) if known(key) else ""


def setting_name(param: str) -> str:
    """A swept setting, or several that took each value together, in words."""
    key = f"sweep.{param}"
    if known(key):
        return t(key)
    return " + ".join(setting_label(one, language()) for one in param.split("+"))


def value_name(param: str, value: str) -> str:
    """A value of a swept setting in words where it has any, as "all" for 0 groups an epoch."""
    return setting_value_label(param.partition("+")[0], value, language())


def in_chinese(adaptation: str) -> str:
    """Sentence by sentence: results that were measured earlier may have one more or less than the code has now."""
    words = catalogue("adaptations.zh")
    sentences = re.split(r"(?<=\.)\s+", adaptation)
    return "".join(words.get(sentence, sentence) for sentence in sentences)


def adaptation_text(adaptation: str) -> str:
    """How a system was brought to do its second task, in the session's language where it is known.

    The results say "Task I" and "Task II"; the pages call the tasks by what they are for.
    """
    said = in_chinese(adaptation) if language() == "zh" else adaptation
    # The longer name first: the shorter one is its beginning.
    said = said.replace("Task II", t("evaluation.participants"))
    return said.replace("Task I", t("evaluation.items"))
