"""What stands beside the benchmark's chart, a tab each: figures, leads, kinds of users, variety, cost, the paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import expm1

import streamlit as st
from pandas.io.formats.style import Styler

from app.benchmark.names import adaptation_text, system_name
from app.benchmark.records import Damaged, Lead, Printed, Run
from app.benchmark.standings import LEAKING, OURS, Comparison, figure_of
from app.benchmark.tables import (
    cost_sheet,
    figures_sheet,
    leads_sheet,
    paper_sheet,
    parts_of,
    parts_sheet,
)
from app.figures.compared import Variety, variety_points
from app.figures.palette import Palette
from app.frame.page import error_box, escape_markdown
from app.text import t

PRINTED = ("sampled", "paper-split")  # protocols that ask as the paper does
BARE = {"displayModeBar": False}
LEAD_WIDTH = 195  # pixels: bold is wider than Streamlit expects, and four fit beside the names


@dataclass(frozen=True)
class Choice:
    """What a person looks at."""

    protocol: str
    runs: Sequence[Run]  # one a system, the best first
    leads: Sequence[Lead]  # over these systems on these lists; none of a mean of several draws
    task: str
    metric: str
    seeds: int  # how many the figures are a mean of


def damaged(error: Damaged, command: str) -> None:
    """A file of results that cannot be read, and what to do."""
    key = "results.damaged.file" if error.entry is None else "results.damaged.entry"
    error_box(t("results.damaged"), t(key, file=error.path, n=error.entry))
    st.code(command, language="sh")


def tables(
    choice: Choice, printed: Sequence[Printed], found: Sequence[Comparison], colours: Palette
) -> None:
    """All figures, and what stands beside them, a tab each."""
    full = next((one for one in found if one.protocol == "full"), None)
    ahead = [lead for lead in choice.leads if lead.task == choice.task]
    shown = {"figures": True, "lead": bool(ahead)}
    shown |= {"parts": bool(parts_of(choice.runs, choice.task, choice.metric))}
    shown |= {"variety": full is not None, "cost": True}
    shown |= {"paper": bool(printed) and choice.protocol in PRINTED}
    names = [name for name, wanted in shown.items() if wanted]
    tabs = dict(zip(names, st.tabs([t(f"benchmark.tab.{name}") for name in names]), strict=True))
    with tabs["figures"]:
        _table(figures_sheet(choice.runs, choice.task, colours), "figures")
        st.caption(t("benchmark.figures.note"))
        if choice.seeds > 1:
            st.caption(t("benchmark.seeds.note", n=choice.seeds))
        if any(run.system in LEAKING for run in choice.runs):
            st.caption(t("benchmark.leaking"))
    if "lead" in tabs:
        with tabs["lead"]:
            _table(leads_sheet(choice.runs, ahead, colours), "lead", LEAD_WIDTH)
            st.caption(t("benchmark.lead.note"))
    if "parts" in tabs:
        with tabs["parts"]:
            _table(parts_sheet(choice.runs, choice.task, choice.metric, colours), "parts")
            for part in parts_of(choice.runs, choice.task, choice.metric):
                st.caption(
                    t("benchmark.part.what", part=t(f"part.{part}"), what=t(f"part.what.{part}"))
                )
    if full is not None:
        with tabs["variety"]:
            variety(full.by_seed(full.widest), choice.task, colours)
    with tabs["cost"]:
        costs(choice.runs, colours)
    if "paper" in tabs:
        with tabs["paper"]:
            _table(paper_sheet(choice.runs, printed, choice.task, colours), "paper")
            st.caption(t("paper.note"))
            st.caption(t("paper.impossible"))


def _table(sheet: Styler, key: str, width: int | None = None) -> None:
    """A sheet whose names stay in sight; ``width`` is that of the other columns in pixels."""
    names, *others = sheet.columns
    st.dataframe(
        sheet,
        hide_index=True,
        height="content",
        key=f"table-{key}",
        column_config={names: st.column_config.Column(pinned=True)}
        | {name: st.column_config.Column(width=width) for name in others},
    )


def variety(runs: Sequence[Run], task: str, colours: Palette) -> None:
    """Whether a system shows the same bestsellers to everybody, or much of what there is."""
    systems = []
    for run in runs:
        coverage = figure_of(run, task, "coverage@10").value
        fame = figure_of(run, task, "popularity@10").value
        if coverage is not None and fame is not None:
            systems.append(
                Variety(system_name(run.system), coverage, expm1(fame), run.system == OURS)
            )
    if systems:
        axes = t(f"variety.fame.{task}"), t(f"variety.coverage.{task}")
        st.plotly_chart(variety_points(task, systems, *axes, colours), key="variety", config=BARE)
        st.caption(t("variety.note"))


def costs(runs: Sequence[Run], colours: Palette) -> None:
    """Seconds and memory, how systems were adapted, and how to measure it all again."""
    _table(cost_sheet(runs, colours), "cost")
    st.caption(t("cost.note"))
    adapted = [run for run in runs if run.adaptation]
    if adapted:
        st.markdown(f"**{t('cost.adapted')}**")
        st.markdown(
            "\n".join(
                f"- {escape_markdown(system_name(run.system))}: {escape_markdown(adaptation_text(run.adaptation))}"
                for run in adapted
            )
        )
    commands = dict.fromkeys(run.command for run in runs if run.command)
    if commands:
        st.markdown(f"**{t('cost.again')}**")
        st.code("\n".join(commands), language="sh", wrap_lines=True)
