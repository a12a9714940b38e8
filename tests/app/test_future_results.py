"""The protocol future on the Evaluation page: what is shown first, over which cuts, and when to retrain."""

import json

import pytest
from benchmark_files import differences, figure, run, write
from streamlit.testing.v1 import AppTest

from app.benchmark.future_choice import when_to_retrain
from app.benchmark.tables import parts_table
from app.figures.palette import LIGHT
from db.logs import Metric, Task
from engine.benchmark.comparison import runs_of
from engine.benchmark.records import SystemRecord

CUTS = ("2023-01-01", "2024-01-01")
MRR = Metric(Task.ITEMS, "mrr", 10)


def future(system, value, cut, way, **parts):
    """A run of the future; ``parts`` are figures."""
    rows = run(system, value, "future", cut=cut, way=way, **parts)
    return [
        {name: one for name, one in row.items() if name not in ("cold", "warm")}
        | {"key": f"{system}-{cut}-{way}"}
        for row in rows
    ]


def runs(*found):
    return runs_of(SystemRecord.model_validate(row) for rows in found for row in rows)


@pytest.mark.parametrize(
    ("weeks", "sentence"),
    [
        ((0.50, 0.47, 0.40), "Weeks 2–4 after a training, MAMGBR’s MRR@10 is 0.030 lower"),
        ((0.50, 0.495, 0.45), "Weeks 5–13 after a training, MAMGBR’s MRR@10 is 0.050 lower"),
        ((0.50, 0.495, 0.49), ""),  # the intervals of 0.01 overlap
        ((0.50, 0.60, 0.70), ""),
    ],
)
def test_when_to_retrain_is_said_only_where_a_model_gets_worse_for_certain(weeks, sentence):
    parts = dict(zip(("week_1", "weeks_2_to_4", "weeks_5_to_13"), map(figure, weeks), strict=True))
    found = when_to_retrain(runs(future("mamgbr", 0.5, CUTS[0], "day", **parts)), MRR)
    assert sentence in found
    assert bool(sentence) == bool(found)
    peer = runs(future("friends", 0.5, CUTS[0], "day", **parts))
    assert when_to_retrain(peer, MRR) == ""
    known_before = runs(future("mamgbr", 0.5, CUTS[0], "cut", **parts))
    assert when_to_retrain(known_before, MRR) == ""


def test_what_plain_counts_lose_over_the_same_weeks_is_no_reason_to_retrain():
    def both(theirs):
        ours = {"week_1": figure(0.5), "weeks_2_to_4": figure(0.5), "weeks_5_to_13": figure(0.4)}
        counts = {"week_1": figure(0.4), "weeks_5_to_13": figure(theirs)}
        return runs(
            future("mamgbr", 0.5, CUTS[0], "day", **ours),
            future("decayed-counts", 0.4, CUTS[0], "day", **counts),
        )

    assert "has fallen 0.080 more since the first week (0.060 to 0.100)" in when_to_retrain(
        both(0.38), MRR
    )
    assert when_to_retrain(both(0.31), MRR) == ""


def test_parts_that_a_task_does_not_have_are_no_columns():
    rows = future("mamgbr", 0.5, CUTS[0], "day", new_items=figure(0.2, 30))
    rows = [
        row | ({"new_among_new": figure(0.4, 30)} if row["task"] == "items" else {}) for row in rows
    ]
    shown = [
        list(parts_table(runs(rows), Metric(task, "mrr", 10), LIGHT).data.columns)[1:]
        for task in Task
    ]
    assert shown == [
        ["All (100)", "New items (30)", "New among new (30)"],
        ["All (100)", "New items (30)"],
    ]


SCRIPT = """
import sys
from pathlib import Path
from app.benchmark.benchmark_section import benchmark
benchmark(Path({folder!r}), "abc")
"""


def test_the_future_comes_first_over_all_cuts_with_the_evidence_of_the_day(tmp_path):
    aged = {"week_1": figure(0.6), "weeks_2_to_4": figure(0.5), "weeks_5_to_13": figure(0.5)}
    rows = [*run("mamgbr", 0.9), *run("friends", 0.8)]
    leads = []
    for way, level in (("cut", 0.3), ("day", 0.5)):
        for place, cut in enumerate(CUTS):
            rows += future("mamgbr", level + 0.1 * place, cut, way, **aged)
            rows += future("friends", level - 0.1, cut, way)
            leads += [
                row | {"key": f"friends-{cut}-{way}", "cut": cut, "way": way}
                for row in differences("friends", 0.1 + 0.1 * place, "future")
            ]
    write(tmp_path / "results.json", rows)
    write(tmp_path / "leads.json", leads)
    page = AppTest.from_string(SCRIPT.format(folder=str(tmp_path)), default_timeout=30).run()
    assert not page.exception
    assert page.button_group(key="protocol").value == "future"
    assert page.button_group(key="way").value == "day"
    said = " ".join(caption.value for caption in page.caption)
    assert "2 cuts (1 Jan 2023, 1 Jan 2024), 2,000 launches asked" in said
    assert "is 0.100 lower than in the first week" in page.info[0].value
    tables = [json.loads(frame.value.to_json()) for frame in page.dataframe]
    assert list(tables[0]["MRR@10"].values()) == pytest.approx([0.55, 0.4])
    assert list(tables[1]["MRR@10"].values()) == pytest.approx([0.15])
    page.selectbox(key="cut-day").set_value(2).run()
    assert not page.exception
    tables = [json.loads(frame.value.to_json()) for frame in page.dataframe]
    assert list(tables[0]["MRR@10"].values()) in ([0.6, 0.4], [0.5, 0.4])
    page.button_group(key="way").set_value("cut").run()
    assert not page.exception
    tables = [json.loads(frame.value.to_json()) for frame in page.dataframe]
    assert list(tables[0]["MRR@10"].values()) == pytest.approx([0.35, 0.2])
