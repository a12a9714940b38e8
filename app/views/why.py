"""Why: what a recommendation rests on, as a sentence, inside the model, and in past groups."""

import pandas as pd
import streamlit as st

from app.cached_reads import entity_names, explain, item_frame, rank_participants, user_card
from app.figures.attention import attention_heatmap, attention_matrix
from app.figures.bars import contribution_bars, gate_bars
from app.figures.palette import palette
from app.frame.moment import show_moment
from app.frame.page import empty_state, error_box, escape_markdown, heading, wrapping_columns
from app.onboarding import require_model, show_other_model_note
from app.recommending.initiator_search import marked_people
from app.recommending.on_the_shelf import show_unasked, show_unavailable
from app.text import t
from app.text.messages import message_text
from app.text.numbers import count, percent
from app.text.reasons import (
    display_name,
    expert_name,
    label_or_name,
    reason_text,
    recommendation_text,
)
from app.url_state import choose_participant, pin_model, show_in_widget
from db.errors import EngineError
from engine.recommender import Recommender
from engine.results import Explanation, TaskExplanation

PLAIN_CHART = {"displayModeBar": False}
MEAN = -1  # over all experts, or all heads


def choose_explained(
    recommender: Recommender, initiator: str, item: str, chosen: str | None
) -> str | None:
    """Draws the choice of the participant to explain, the one ranked first by default; returns it."""
    ranking = rank_participants(recommender, initiator, item, 20)
    people = {result.id: result.name for result in ranking.results}
    if chosen is not None and chosen not in people:
        people |= entity_names("users", (chosen,))
    if not people:
        return None
    words = marked_people(people)
    current = chosen if chosen is not None else next(iter(people))
    show_in_widget("explained", current, words[current])
    st.selectbox(
        t("why.participant"),
        list(words),
        format_func=words.__getitem__,
        key="explained",
        on_change=lambda: choose_participant(st.session_state["explained"]),
    )
    return current


def show_summary(explanation: Explanation) -> None:
    """Draws the explanation as a sentence, with the share and the rank of each task beneath.

    Without the sentence, which says what to do, where the item cannot be had or the participant must not be asked.
    """
    with st.container(border=True):
        if explanation.item_unavailable is None and explanation.participant_unasked is None:
            st.markdown(f"### {escape_markdown(recommendation_text(explanation))}")
        with st.container(horizontal=True, gap="medium"):
            for task in explanation.tasks:
                st.metric(
                    t(f"share.{task.task}.label"),
                    percent(task.probability),
                    help=t(f"share.{task.task}.help"),
                    width="content",
                )
                st.metric(
                    t(f"why.rank.{task.task}"),
                    t("why.rank", rank=count(task.rank), candidates=count(task.candidates)),
                    help=t("why.rank.help"),
                    width="content",
                )


def show_gates(explanation: Explanation) -> None:
    """Draws the gates of both tasks side by side."""
    st.header(t("why.gate"), anchor=False, help=t("why.gate.help"))
    tasks = explanation.tasks
    for column, task in zip(wrapping_columns(len(tasks), "gates"), tasks, strict=True):
        with column:
            st.markdown(f"### {t(f'task.{task.task}')}")
            st.plotly_chart(
                gate_bars(
                    task.task,
                    task.experts,
                    task.gate,
                    expert_name,
                    t("why.gate.axis"),
                    palette(st.context.theme.type),
                ),
                key=f"gate-{task.task}",
                config=PLAIN_CHART,
            )


def show_inside(task: TaskExplanation) -> None:
    """Draws what a task's answer rests on: reasons, what the score loses without each input, attention."""
    if task.reasons:
        st.markdown(
            "\n".join(f"- {escape_markdown(reason_text(reason))}" for reason in task.reasons)
        )
    else:
        st.caption(t("why.reasons.none"))
    left, right = wrapping_columns([2, 3], f"inside-{task.task}")
    with left:
        show_contributions(task)
    with right:
        show_attention(task)
    st.caption(t("why.inputs"))


def show_contributions(task: TaskExplanation) -> None:
    """Draws what the score loses without each input."""
    st.markdown(f"### {t('why.without')}", help=t("why.without.help"))
    if not task.contributions:
        st.caption(t("why.without.none"))
        return
    st.plotly_chart(
        contribution_bars(
            task.contributions,
            lambda name: label_or_name(f"token.{name}", name),
            t("why.without.axis"),
            task.task,
            palette(st.context.theme.type),
        ),
        key=f"without-{task.task}",
        config=PLAIN_CHART,
    )
    st.caption(t("why.without.read"))


def show_attention(task: TaskExplanation) -> None:
    """Draws the attention heatmap with the choice of expert and head, the mean over all by default."""
    st.markdown(f"### {t('why.attention')}", help=t("why.attention.help"))
    experts, heads, tokens, _ = task.attention.shape
    if not (experts and heads and tokens):
        st.caption(t("why.attention.none"))
        return
    with st.container(horizontal=True, gap="medium"):
        expert = st.selectbox(
            t("why.expert"),
            [MEAN, *range(experts)],
            format_func=lambda k: t("why.mean") if k == MEAN else expert_name(task.experts[k]),
            key=f"expert-{task.task}",
            width=200,
        )
        head = st.selectbox(
            t("why.head"),
            [MEAN, *range(heads)],
            format_func=lambda k: t("why.mean") if k == MEAN else t("why.head.number", n=k + 1),
            key=f"head-{task.task}",
            width=160,
        )
    st.plotly_chart(
        attention_heatmap(
            attention_matrix(
                task, None if expert == MEAN else expert, None if head == MEAN else head
            ),
            [label_or_name(f"token.{token}", token) for token in task.tokens],
            t("why.attention.looks"),
            t("why.attention.looked_at"),
            t("why.attention.tooltip", row="{row}", column="{column}", share="{share}"),
            palette(st.context.theme.type),
        ),
        key=f"attention-{task.task}",
        config=PLAIN_CHART,
    )
    st.caption(t("why.attention.read"))
    st.info(t("why.attention.no_proof"), icon=":material/info:")


def show_past_groups(explanation: Explanation) -> None:
    """Draws the past groups that the recommendation rests on."""
    st.header(t("why.past"), anchor=False)
    groups = explanation.past_groups
    if not groups:
        st.caption(t("why.past.none"))
        return
    people = tuple(
        sorted({who for group in groups for who in (group.initiator, *group.participants)})
    )
    users, items = (
        entity_names("users", people),
        entity_names("items", tuple(sorted({g.item for g in groups}))),
    )
    rows = [
        (
            label_or_name(f"past.{group.why}", group.why),
            users.get(group.initiator, group.initiator),
            items.get(group.item, group.item),
            t("list.and").join(users.get(who, who) for who in group.participants)
            or t("past.nobody"),
        )
        for group in groups
    ]
    columns = [t(f"past.{name}") for name in ("why", "initiator", "item", "participants")]
    cells = [[escape_markdown(cell) for cell in row] for row in rows]  # tables render Markdown, too
    st.table(pd.DataFrame(cells, columns=columns), hide_index=True, border="horizontal")


def show_nothing_chosen() -> None:
    """Says that an initiator and an item have to be chosen first."""
    empty_state(t("why.nothing"), t("why.nothing.next"))
    st.page_link("views/recommend.py", label=t("nav.recommend"), icon=":material/storefront:")


def page() -> None:
    """Draws the page for the session's selection."""
    recommender = require_model()
    if recommender is None:
        return
    chosen = pin_model(recommender.version)
    show_other_model_note(recommender.version)
    show_moment()
    initiator, item = chosen.initiator, chosen.item
    if initiator is None or item is None:
        show_nothing_chosen()
        return
    if user_card(initiator) is None or item not in item_frame().index:
        empty_state(
            t("why.unknown"),
            t("why.unknown.next", initiator=escape_markdown(initiator), item=escape_markdown(item)),
        )
        return
    words = {"initiator": display_name("initiator", initiator), "item": display_name("item", item)}
    title = t("why.heading", **{name: escape_markdown(word) for name, word in words.items()})
    st.header(title[:1].upper() + title[1:], anchor=False)
    show_unavailable(item)
    picker, _ = st.columns([2, 3])
    with picker:
        participant = choose_explained(recommender, initiator, item, chosen.participant)
    if participant is not None:
        show_unasked(participant)
    try:
        explanation = explain(recommender, initiator, item, participant)
    except EngineError as error:
        error_box(t("why.trouble"), message_text(error))
        return
    show_summary(explanation)
    show_gates(explanation)
    st.header(t("why.inside"), anchor=False)
    tabs = st.tabs([t(f"task.{task.task}") for task in explanation.tasks])
    for tab, task in zip(tabs, explanation.tasks, strict=True):
        with tab:
            show_inside(task)
    show_past_groups(explanation)


heading(t("why.title"), t("why.lead"))
page()
