"""What the pages call systems, metrics and settings, and the paper's names for the same systems."""

from app.text import known, language, t
from app.text.messages import setting_label, setting_value_label
from db.logs import Metric

# The paper's name of a system -> the benchmark's name.
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
    """A system's name with what it is; its own name where the catalogue has no entry for it."""
    key = f"system.{system}"
    return t(key) if known(key) else system


def metric_name(metric: Metric) -> str:
    """A metric without its task as people write it: ``MRR@10``, ``Coverage@10``."""
    key = f"metric.{metric.name}"
    name = t(key) if known(key) else metric.name.upper()
    return name if metric.k is None else f"{name}@{metric.k}"


def metric_meaning(metric: Metric) -> str:
    """What a metric measures, in a sentence; empty where the catalogue has none."""
    key = f"metric.what.{metric.name}"
    return t(key, width=metric.k or "") if known(key) else ""


def protocol_name(protocol: str) -> str:
    """What a protocol ranks the right answer among, in a few words."""
    key = f"protocol.{protocol}"
    return t(key) if known(key) else protocol


def protocol_meaning(protocol: str) -> str:
    """What a protocol asks, in a sentence; empty where the catalogue has none."""
    key = f"protocol.what.{protocol}"
    return t(key) if known(key) else ""


def setting_name(param: str) -> str:
    """A swept setting, or several that took each value together, in words."""
    key = f"sweep.{param}"
    if known(key):
        return t(key)
    return " + ".join(setting_label(one, language()) for one in param.split("+"))


def value_name(param: str, value: str) -> str:
    """A value of a swept setting, in words where it has any: "all" for 0 groups an epoch."""
    return setting_value_label(param.partition("+")[0], value, language())


def adaptation_text(system: str, recorded: str) -> str:
    """How a system does the task that it was not made for; as ``recorded`` where the catalogue has no entry for it."""
    key = f"adaptation.{system}"
    return t(key) if known(key) else recorded
