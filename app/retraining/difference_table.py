"""Differences between two versions as a table, and a verdict on all of them in one sentence."""

import pandas as pd

from app.model_quality import metric_label
from app.text import t
from app.text.numbers import metric_text, signed
from db.models.comparison import Difference

SIGNS = {"better": "▲", "worse": "▼", "alike": "≈", "missing": "–"}


def verdict_sentence(found: list[Difference], same: bool = True) -> str:
    """One sentence on all metrics of both tasks; ``same`` is whether both were measured on the same logs."""
    counted = {kind: sum(one.verdict == kind for one in found) for kind in SIGNS}
    if counted["missing"]:
        return t("compare.verdict.missing", n=counted["missing"])
    if not counted["better"] and not counted["worse"]:
        return t("compare.verdict.alike")
    kind = (
        "mixed"
        if counted["better"] and counted["worse"]
        else "better"
        if counted["better"]
        else "worse"
    )
    sentence = t(
        f"compare.verdict.{kind}", better=counted["better"], worse=counted["worse"], n=len(found)
    )
    return sentence if same else f"{sentence} {t('compare.verdict.careful')}"


def difference_table(found: list[Difference]) -> pd.DataFrame:
    """A row a metric: the verdict, both values, and the difference with its interval."""
    return pd.DataFrame(
        {
            t("evaluation.metric"): [metric_label(one.metric) for one in found],
            t("compare.verdict"): [
                f"{SIGNS[one.verdict]} {t(f'compare.is.{one.verdict}')}" for one in found
            ],
            t("compare.new.value"): [metric_text(one.new) for one in found],
            t("compare.old.value"): [metric_text(one.old) for one in found],
            t("compare.change"): [_change(one) for one in found],
        }
    )


def _change(one: Difference) -> str:
    if one.change is None or one.low is None or one.high is None:
        return metric_text(None)
    if one.low == one.high:
        return signed(one.change, 3)
    return t(
        "compare.change.interval",
        change=signed(one.change, 3),
        low=signed(one.low, 3),
        high=signed(one.high, 3),
    )
