"""Why: what a recommendation rests on, in a sentence, in the model's inside and in past groups."""

import pandas as pd
import streamlit as st

from app.figures.attention import attention_heatmap, attention_matrix
from app.figures.bars import contribution_bars, gate_bars
from app.figures.palette import palette
from app.initiators import called
from app.onboarding import other_model, ready
from app.reasons import expert_name, named, say
from app.shell import heading, nothing, plain
from app.state import choose_participant, keep_in_address
from app.stores import about_user, explain, item_frame, names, rank_participants
from app.text import language, t
from app.text.numbers import percent
from engine.recommender import Recommender
from engine.results import Explanation, TaskExplanation

PLAIN_CHART = {"displayModeBar": False}


def participant_choice(
    recommender: Recommender, initiator: str, item: str, chosen: str | None
) -> str | None:
    """Who is explained: the selected participant, else the one ranked first; others can be
    picked.
    """
    ranking = rank_participants(recommender, initiator, item, 20)
    people = {result.id: result.name for result in ranking.results}
    if chosen is not None and chosen not in people:
        people |= names("users", (chosen,))
    if not people:
        return None
    words = called(people)
    current = chosen if chosen is not None else next(iter(people))
    st.session_state["explained"] = current
    st.selectbox(
        t("why.participant"),
        list(words),
        format_func=words.__getitem__,
        key="explained",
        on_change=lambda: choose_participant(st.session_state["explained"]),
    )
    return current


def summary(explanation: Explanation) -> None:
    """The sentence to repeat, with the chance of each task beside it."""
    with st.container(border=True):
        st.markdown(f"#### {plain(sentence(explanation))}")
        with st.container(horizontal=True, gap="medium"):
            for task in explanation.tasks:
                st.metric(
                    t(f"why.chance.{task.task}"),
                    percent(task.probability),
                    help=t("column.probability.help"),
                    width="content",
                )


def sentence(explanation: Explanation) -> str:
    """Why, in one sentence of the session's language."""
    if language() == "en" and explanation.sentence:
        return explanation.sentence
    users = names("users", tuple(filter(None, (explanation.initiator, explanation.participant))))
    parts = []
    for task in explanation.tasks:
        reasons = t("why.and").join(say(reason).rstrip("。.") for reason in task.reasons[:2])
        parts.append(
            t(
                f"why.sentence.{task.task}" + ("" if reasons else ".bare"),
                initiator=users.get(explanation.initiator, explanation.initiator),
                item=names("items", (explanation.item,)).get(explanation.item, explanation.item),
                participant=users.get(explanation.participant or "", explanation.participant),
                reasons=reasons,
            )
        )
    return " ".join(parts)


def reasons(task: TaskExplanation) -> None:
    """The facts counted from past groups."""
    if task.reasons:
        st.markdown("\n".join(f"- {plain(say(reason))}" for reason in task.reasons))
    else:
        st.caption(t("why.reasons.none"))


def inside(task: TaskExplanation) -> None:
    """One task's gate, what it loses without each input, and its attention."""
    colours = palette(st.context.theme.type)
    reasons(task)
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(f"##### {t('why.gate')}", help=t("why.gate.help"))
        st.plotly_chart(
            gate_bars(task.task, task.experts, task.gate, expert_name, t("why.gate.axis"), colours),
            key=f"gate-{task.task}",
            config=PLAIN_CHART,
        )
    with right:
        st.markdown(f"##### {t('why.without')}", help=t("why.without.help"))
        if task.contributions:
            st.plotly_chart(
                contribution_bars(
                    task.contributions,
                    lambda name: named(f"token.{name}", name),
                    t("why.without.axis"),
                    task.task,
                    colours,
                ),
                key=f"without-{task.task}",
                config=PLAIN_CHART,
            )
        else:
            st.caption(t("why.without.none"))
    attention(task)


def attention(task: TaskExplanation) -> None:
    """The heatmap with its choice of expert and head; the mean over all is the start."""
    st.markdown(f"##### {t('why.attention')}", help=t("why.attention.help"))
    experts, heads, tokens, _ = task.attention.shape
    if not (experts and heads and tokens):
        st.caption(t("why.attention.none"))
        return
    with st.container(horizontal=True, gap="medium"):
        expert = st.selectbox(
            t("why.expert"),
            [None, *range(experts)],
            format_func=lambda k: t("why.mean") if k is None else expert_name(task.experts[k]),
            key=f"expert-{task.task}",
            width=260,
        )
        head = st.selectbox(
            t("why.head"),
            [None, *range(heads)],
            format_func=lambda k: t("why.mean") if k is None else t("why.head.number", n=k + 1),
            key=f"head-{task.task}",
            width=260,
        )
    st.plotly_chart(
        attention_heatmap(
            attention_matrix(task, expert, head),
            [named(f"token.{token}", token) for token in task.tokens],
            t("why.attention.looks"),
            t("why.attention.looked_at"),
            t("why.attention.tooltip", row="{row}", column="{column}", share="{share}"),
            palette(st.context.theme.type),
        ),
        key=f"attention-{task.task}",
        config=PLAIN_CHART,
    )
    for note in ("why.attention.read", "why.inputs", "why.attention.no_proof"):
        st.caption(t(note))


def past_groups(explanation: Explanation) -> None:
    """The groups of the logs on which the recommendation rests, with names."""
    st.subheader(t("why.past"), anchor=False)
    groups = explanation.past_groups
    if not groups:
        st.caption(t("why.past.none"))
        return
    people = tuple(
        sorted({who for group in groups for who in (group.initiator, *group.participants)})
    )
    users, items = names("users", people), names("items", tuple(sorted({g.item for g in groups})))
    joiner = t("list.and")
    st.table(
        pd.DataFrame(
            {
                t("past.why"): [named(f"past.{group.why}", group.why) for group in groups],
                t("past.initiator"): [
                    users.get(group.initiator, group.initiator) for group in groups
                ],
                t("past.item"): [items.get(group.item, group.item) for group in groups],
                t("past.participants"): [
                    joiner.join(users.get(who, who) for who in group.participants)
                    or t("past.nobody")
                    for group in groups
                ],
            }
        ),
        hide_index=True,
        border="horizontal",
    )


def nothing_chosen() -> None:
    """Without an initiator and an item there is nothing to explain."""
    nothing(t("why.nothing"), t("why.nothing.next"))
    st.page_link("views/recommend.py", label=t("nav.recommend"), icon=":material/storefront:")


def page() -> None:
    """The whole page for the session's selection."""
    recommender = ready()
    if recommender is None:
        return
    chosen = keep_in_address(recommender.version)
    other_model(recommender.version)
    initiator, item = chosen.initiator, chosen.item
    if initiator is None or item is None:
        nothing_chosen()
        return
    if about_user(initiator) is None or item not in item_frame().index:
        nothing(
            t("why.unknown"), t("why.unknown.next", initiator=plain(initiator), item=plain(item))
        )
        return
    who = names("users", (initiator,)).get(initiator, initiator)
    what = names("items", (item,)).get(item, item)
    st.subheader(t("why.heading", initiator=plain(who), item=plain(what)), anchor=False)
    picker, _ = st.columns([2, 3])
    with picker:
        participant = participant_choice(recommender, initiator, item, chosen.participant)
    explanation = explain(recommender, initiator, item, participant)
    summary(explanation)
    tabs = st.tabs([t(f"task.{task.task}") for task in explanation.tasks])
    for tab, task in zip(tabs, explanation.tasks, strict=True):
        with tab:
            inside(task)
    past_groups(explanation)


heading(t("why.title"), t("why.lead"))
page()
