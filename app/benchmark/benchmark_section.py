"""The benchmark on the Evaluation page: choose what to compare, and see which system leads and by how much."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from app.benchmark.future_choice import choose_future, measured_cuts, when_to_retrain
from app.benchmark.names import (
    metric_meaning,
    metric_name,
    protocol_meaning,
    protocol_name,
    system_name,
)
from app.benchmark.tables import paper_value_of
from app.benchmark.tabs import NO_MODE_BAR, PAPERS_PROTOCOLS, Choice, tabs, unreadable_file
from app.figures.compared import ChartText, SystemPoint, compared_points
from app.figures.palette import Palette, palette
from app.frame.page import empty_state
from app.text import language, t
from app.text.numbers import count, day, metric_text
from db.errors import ResultsError
from db.logs import Task
from engine.benchmark.comparison import (
    FUTURE,
    MIXING,
    OURS,
    Comparison,
    chance,
    comparisons,
    differences_over,
    latest_logs_first,
    metrics_of,
    ranked,
    runs_of,
)
from engine.benchmark.pooling import pooled_differences
from engine.benchmark.records import (
    DIFFERENCES,
    ONE_PERMUTATION,
    PAPER,
    RESULTS,
    PairedDifference,
    PaperRecord,
    SystemRecord,
    read_records,
)

PROTOCOLS = ("future", "sampled", "popular", "full", "newcomers", "paper-split")
MEAN = "mean"  # an option beside the draws: the mean of all
# Without launch times the future is left out.
COMMAND = "python -m train benchmark --systems all --protocol future,sampled"


def benchmark(folder: Path, data: str) -> None:
    """Draws the section from the files in ``folder``; ``data`` is the data version of the shop's own logs."""
    st.header(t("benchmark.title"), anchor=False)
    st.caption(t("benchmark.lead"))
    try:
        records = read_records(folder / RESULTS, SystemRecord)
        paper = read_records(folder / PAPER, PaperRecord)
        differences = read_records(folder / DIFFERENCES, PairedDifference)
    except ResultsError as error:
        unreadable_file(error, COMMAND)
        return
    found = latest_logs_first(comparisons(runs_of(records)))
    if not found:
        empty_state(t("benchmark.none"), t("benchmark.none.next"))
        st.code(COMMAND, language="sh")
        return
    colours = palette(st.context.theme.type)
    comparison = choose_comparison(found)
    choice = choose(comparison, [*differences, *pooled_differences(differences, comparison)])
    for sentence in explanations(comparison, found):
        st.caption(sentence)
    if comparison.data_version != data:
        st.caption(t("benchmark.other_logs"))
    with st.container(key="compared"):
        points(choice, paper, colours)
    if choice.protocol == FUTURE and (advice := when_to_retrain(choice.runs, choice.metric)):
        st.info(advice)
    tabs(choice, paper, found, colours)


def explanations(comparison: Comparison, found: Sequence[Comparison]) -> list[str]:
    """What the protocol asks, and what was measured on what."""
    sentences = [protocol_meaning(comparison.protocol)]
    if comparison.way is not None:
        sentences.append(t(f"way.what.{comparison.way}"))
    if comparison.way is not None and not comparison.cut:
        return [*sentences, measured_cuts(comparison, found)]
    measured = t(
        "benchmark.measured",
        training=count(comparison.training_groups),
        test=count(comparison.test_groups),
        day=day(comparison.measured_at, language()),
    )
    if comparison.drawing == ONE_PERMUTATION:
        return [*sentences, measured, t("benchmark.one_permutation")]
    return [*sentences, measured]


def choose_comparison(found: Sequence[Comparison]) -> Comparison:
    """Asks for the protocol and, where it was measured on several cuts or states of the logs, for one of them."""
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
    if protocol == FUTURE:
        return choose_future(found)
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


def choose(comparison: Comparison, differences: Sequence[PairedDifference]) -> Choice:
    """Asks for task, metric and draw; by default the draw that most systems were measured with."""
    chosen = st.segmented_control(
        t("evaluation.task"),
        [task.value for task in Task],
        default=Task.ITEMS.value,
        format_func=lambda task: t(f"evaluation.{task}"),
        required=True,
        key="task",
    )
    task = Task(chosen or Task.ITEMS)
    left, right = st.columns(2, gap="medium")
    metrics = {metric.at: metric for metric in metrics_of(comparison.runs, task)}
    at = left.selectbox(
        t("evaluation.metric"),
        list(metrics),
        format_func=lambda at: metric_name(metrics[at]),
        key=f"metric-{comparison.protocol}-{task}",
    )
    metric = metrics[at]
    seed: int | None = comparison.most_measured_seed
    if len(comparison.seeds) > 1:
        draws = [*map(str, comparison.seeds), *([MEAN] if len(comparison.means()) > 1 else [])]
        drawn = right.selectbox(
            t("benchmark.seed"),
            draws,
            index=draws.index(str(seed)),
            format_func=lambda draw: (
                t("benchmark.seed.mean", n=len(comparison.seeds))
                if draw == MEAN
                else t("benchmark.seed.one", n=draw)
            ),
            key=f"seed-{comparison.protocol}",
        )
        seed = None if drawn == MEAN else int(drawn)
    runs = comparison.means() if seed is None else comparison.latest(seed)
    return Choice(
        comparison.protocol,
        ranked(runs, metric),
        differences_over(differences, runs),
        metric,
        len(comparison.seeds) if seed is None else 1,
    )


def points(choice: Choice, paper: Sequence[PaperRecord], colours: Palette) -> None:
    """Draws the chosen metric, a row a system, and says what it means."""
    metric = choice.metric
    systems = []
    for run in choice.runs:
        estimate = run.estimate(metric)
        if estimate.value is None:
            continue
        printed = None
        if choice.protocol in PAPERS_PROTOCOLS:
            printed = paper_value_of(paper, run.system, metric)
        systems.append(
            SystemPoint(
                system_name(run.system),
                estimate.value,
                estimate.low,
                estimate.high,
                run.system == OURS,
                run.system in MIXING,
                None if printed is None else printed.value,
                printed is not None and printed.impossible,
            )
        )
    random = chance(choice.protocol, metric)
    text = ChartText(
        metric_name(metric),
        t("benchmark.here"),
        t("benchmark.printed"),
        t("benchmark.impossible"),
        "" if random is None else t("benchmark.chance", value=metric_text(random)),
    )
    figure = compared_points(metric.task, systems, random, text, colours)
    st.plotly_chart(figure, key="compared-points", config=NO_MODE_BAR)
    st.caption(metric_meaning(metric))
