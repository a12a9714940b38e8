"""The benchmark on the Evaluation page: choose what to compare, and see who leads and by how much."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from app.benchmark.names import (
    metric_meaning,
    metric_name,
    protocol_meaning,
    protocol_name,
    system_name,
)
from app.benchmark.records import Damaged, Lead, Printed, read_leads, read_paper, read_runs
from app.benchmark.standings import (
    LEAKING,
    OURS,
    Comparison,
    chance,
    comparisons,
    figure_of,
    leads_of,
    metrics_of,
)
from app.benchmark.tables import printed_for, ranked
from app.benchmark.tabs import BARE, PRINTED, Choice, damaged, tables
from app.figures.compared import Compared, Words, compared_points
from app.figures.palette import Palette, palette
from app.frame.page import empty_state
from app.model_quality import TASKS
from app.text import language, t
from app.text.numbers import count, day, metric_text

PROTOCOLS = ("sampled", "popular", "full", "newcomers", "paper-split")
MEAN = "mean"  # of all draws, among the draws to choose from
COMMAND = "python -m train benchmark --systems all"


def benchmark(folder: Path, data: str) -> None:
    """Draws it from the files in ``folder``; ``data`` is the state of the shop's own logs."""
    st.header(t("benchmark.title"), anchor=False)
    st.caption(t("benchmark.lead"))
    try:
        found, printed = comparisons(read_runs(folder)), read_paper(folder)
        leads = read_leads(folder)
    except Damaged as error:
        damaged(error, COMMAND)
        return
    if not found:
        empty_state(t("benchmark.none"), t("benchmark.none.next"))
        st.code(COMMAND, language="sh")
        return
    colours = palette(st.context.theme.type)
    comparison = choose_comparison(found)
    choice = choose(comparison, leads)
    said = t(
        "benchmark.measured",
        training=count(comparison.training_groups),
        test=count(comparison.test_groups),
        day=day(comparison.measured_at, language()),
    )
    for sentence in (protocol_meaning(choice.protocol), said):
        st.caption(sentence)
    if comparison.data_version != data:
        st.caption(t("benchmark.other_logs"))
    with st.container(key="compared"):
        points(choice, printed, colours)
    tables(choice, printed, found, colours)


def choose_comparison(found: Sequence[Comparison]) -> Comparison:
    """The protocol and, where it was measured on several states of the logs, which of them."""
    measured = dict.fromkeys(one.protocol for one in found)
    order = [name for name in PROTOCOLS if name in measured]
    order += [name for name in measured if name not in order]
    protocol = st.segmented_control(
        t("benchmark.protocol"),
        order,
        default=order[0],
        format_func=protocol_name,
        required=True,
        key="protocol",
    )
    among = [one for one in found if one.protocol == protocol]
    if len(among) == 1:
        return among[0]
    place = st.selectbox(
        t("benchmark.which"),
        range(len(among)),
        format_func=lambda place: t(
            "benchmark.which.one",
            training=count(among[place].training_groups),
            test=count(among[place].test_groups),
            day=day(among[place].measured_at, language()),
        ),
        key=f"comparison-{protocol}",
    )
    return among[place]


def choose(comparison: Comparison, leads: Sequence[Lead]) -> Choice:
    """Task, metric and seed; to begin with the seed that most systems were measured with."""
    task = st.segmented_control(
        t("evaluation.task"),
        TASKS,
        default=TASKS[0],
        format_func=lambda task: t(f"evaluation.{task}"),
        required=True,
        key="task",
    )
    task = task or TASKS[0]
    metrics = metrics_of(comparison.runs, task)
    left, right = st.columns(2, gap="medium")
    metric = left.selectbox(
        t("evaluation.metric"),
        metrics,
        format_func=metric_name,
        key=f"metric-{comparison.protocol}-{task}",
    )
    seed: int | None = comparison.widest
    if len(comparison.seeds) > 1:
        several = len(comparison.by_seed(None)) > 1
        draws = [*map(str, comparison.seeds), *([MEAN] if several else [])]
        drawn = right.selectbox(
            t("benchmark.seed"),
            draws,
            index=draws.index(str(comparison.widest)),
            format_func=lambda draw: (
                t("benchmark.seed.mean", n=len(comparison.seeds))
                if draw == MEAN
                else t("benchmark.seed.one", n=draw)
            ),
            key=f"seed-{comparison.protocol}",
        )
        seed = None if drawn == MEAN else int(drawn)
    runs = comparison.by_seed(seed)
    return Choice(
        comparison.protocol,
        ranked(runs, task, metric),
        leads_of(leads, comparison, seed),
        task,
        metric,
        len(comparison.seeds) if seed is None else 1,
    )


def points(choice: Choice, printed: Sequence[Printed], colours: Palette) -> None:
    """The chosen metric, a row a system, and what it means."""
    systems = []
    for run in choice.runs:
        figure = figure_of(run, choice.task, choice.metric)
        if figure.value is None:
            continue
        said = None
        if choice.protocol in PRINTED:
            said = printed_for(printed, run.system, choice.task, choice.metric)
        systems.append(
            Compared(
                system_name(run.system),
                figure.value,
                figure.low,
                figure.high,
                run.system == OURS,
                run.system in LEAKING,
                None if said is None else said.value,
                said is not None and said.impossible,
            )
        )
    random = chance(choice.protocol, choice.metric)
    words = Words(
        metric_name(choice.metric),
        t("benchmark.here"),
        t("benchmark.printed"),
        t("benchmark.impossible"),
        "" if random is None else t("benchmark.chance", value=metric_text(random)),
    )
    figure = compared_points(choice.task, systems, random, words, colours)
    st.plotly_chart(figure, key="compared-points", config=BARE)
    st.caption(metric_meaning(choice.metric))
