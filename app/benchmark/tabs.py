"""The tabs below the benchmark's chart: all values, differences, parts of the lists, variety, cost, the paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import expm1

import streamlit as st
from pandas.io.formats.style import Styler

from app.benchmark.names import adaptation_text, system_name
from app.benchmark.tables import (
    cost_table,
    differences_table,
    paper_table,
    parts_table,
    values_table,
)
from app.figures.compared import VarietyPoint, variety_points
from app.figures.palette import Palette
from app.frame.page import error_box, escape_markdown
from app.text import t
from app.text.messages import message_text
from db.errors import ResultsError
from db.logs import Metric, Task
from engine.benchmark.comparison import FULL, FUTURE, MIXING, OURS, TOP, Comparison, Run, parts_of
from engine.benchmark.records import PairedDifference, PaperRecord

PAPERS_PROTOCOLS = ("sampled", "paper-split")  # they ask as the paper does
NO_MODE_BAR = {"displayModeBar": False}
DIFFERENCE_WIDTH = (
    195  # pixels: bold is wider than Streamlit expects, and four fit beside the names
)
PART_WIDTH = 160


@dataclass(frozen=True)
class Choice:
    """What the reader chose to see."""

    protocol: str
    runs: Sequence[Run]  # one a system, the best first
    differences: Sequence[PairedDifference]  # over these runs; none for a mean of several draws
    metric: Metric
    draws: int  # how many the values are a mean of


def unreadable_file(error: ResultsError, command: str) -> None:
    """Says that a file of results cannot be read, and what to do."""
    error_box(t("results.damaged"), message_text(error))
    st.code(command, language="sh")


def tabs(
    choice: Choice, paper: Sequence[PaperRecord], found: Sequence[Comparison], colours: Palette
) -> None:
    """All values of the choice, and what goes with them, a tab each."""
    task = choice.metric.task
    full = next((one for one in found if one.protocol == FULL), None)
    ahead = [difference for difference in choice.differences if difference.task == task]
    parts = parts_of(choice.runs, choice.metric)
    shown = {
        "figures": True,
        "lead": bool(ahead),
        "parts": bool(parts),
        "variety": full is not None,
        "cost": True,
        "paper": bool(paper) and choice.protocol in PAPERS_PROTOCOLS,
    }
    names = [name for name, wanted in shown.items() if wanted]
    titles = [t(f"benchmark.tab.{name}") for name in names]
    if choice.protocol == FUTURE and parts:
        titles[names.index("parts")] = t("benchmark.tab.parts.future")
    drawn = dict(zip(names, st.tabs(titles), strict=True))
    with drawn["figures"]:
        _table(values_table(choice.runs, task, colours), "figures")
        st.caption(t("benchmark.figures.note"))
        if choice.draws > 1:
            st.caption(t("benchmark.seeds.note", n=choice.draws))
        if any(run.system in MIXING for run in choice.runs):
            st.caption(t("benchmark.mixing"))
    if "lead" in drawn:
        with drawn["lead"]:
            _table(differences_table(choice.runs, ahead, colours), "lead", DIFFERENCE_WIDTH)
            st.caption(t("benchmark.lead.note"))
    if "parts" in drawn:
        with drawn["parts"]:
            width = PART_WIDTH if choice.protocol == FUTURE else None
            _table(parts_table(choice.runs, choice.metric, colours), "parts", width)
            for part in parts:
                st.caption(
                    t("benchmark.part.what", part=t(f"part.{part}"), what=t(f"part.what.{part}"))
                )
    if full is not None:
        with drawn["variety"]:
            variety(full.latest(full.most_measured_seed), task, colours)
    with drawn["cost"]:
        costs(choice.runs, colours)
    if "paper" in drawn:
        with drawn["paper"]:
            _table(paper_table(choice.runs, paper, task, colours), "paper")
            st.caption(t("paper.note"))
            st.caption(t("paper.impossible"))


def _table(table: Styler, key: str, width: int | None = None) -> None:
    """Draws a table whose first column stays in sight; ``width`` is that of the other columns in pixels."""
    names, *others = table.columns
    st.dataframe(
        table,
        hide_index=True,
        height="content",
        key=f"table-{key}",
        column_config={names: st.column_config.Column(pinned=True)}
        | {name: st.column_config.Column(width=width) for name in others},
    )


def variety(runs: Sequence[Run], task: Task, colours: Palette) -> None:
    """Draws whether a system shows everybody the same bestsellers, or much of what there is."""
    systems = []
    for run in runs:
        coverage = run.estimate(Metric(task, "coverage", TOP)).value
        popularity = run.estimate(Metric(task, "popularity", TOP)).value
        if coverage is not None and popularity is not None:
            systems.append(
                VarietyPoint(
                    system_name(run.system), coverage, expm1(popularity), run.system == OURS
                )
            )
    if systems:
        axes = t(f"variety.fame.{task}"), t(f"variety.coverage.{task}")
        figure = variety_points(task, systems, *axes, colours)
        st.plotly_chart(figure, key="variety", config=NO_MODE_BAR)
        st.caption(t("variety.note"))


def costs(runs: Sequence[Run], colours: Palette) -> None:
    """Draws seconds and memory, how systems were adapted, and the commands that measure it all again."""
    _table(cost_table(runs, colours), "cost")
    st.caption(t("cost.note"))
    adapted = [run for run in runs if run.adaptation]
    if adapted:
        st.markdown(f"**{t('cost.adapted')}**")
        lines = (
            f"- {escape_markdown(system_name(run.system))}: "
            f"{escape_markdown(adaptation_text(run.system, run.adaptation))}"
            for run in adapted
        )
        st.markdown("\n".join(lines))
    commands = dict.fromkeys(run.command for run in runs if run.command)
    if commands:
        st.markdown(f"**{t('cost.again')}**")
        st.code("\n".join(commands), language="sh", wrap_lines=True)
