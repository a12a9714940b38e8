"""Who should launch an item: ranked initiators, each with what they are like and why."""

import pandas as pd
import streamlit as st

from app.cached_reads import rank_initiators, user_card
from app.frame.page import empty_state, escape_markdown
from app.model_quality import order_alone
from app.recommending.never_again import QUIET_BUTTONS, show_last_said, show_never_ask
from app.recommending.on_the_shelf import with_moment_and_shelf
from app.recommending.ranked_list import HEIGHT, WIDTHS, download_list
from app.recommending.tables import initiators_table
from app.text import language, sentences, t
from app.text.numbers import count, day, percent
from app.text.reasons import reason_text, share_text
from app.url_state import one_of, open_recommendation, restore_setting, save_setting
from db.logs import Task
from db.queries.entities import UserCard
from engine.candidates import Question
from engine.recommender import Recommender
from engine.results import InitiatorRanking, RankedInitiator

LENGTHS = (10, 20)
LAUNCH_MINIMUMS = (0, 1, 3, 10)  # choices of the filter by past launches; 0 lets everybody pass
DEFAULT_MINIMUM = 1


def show_ranked_initiators(recommender: Recommender, item: str) -> None:
    """Draws the ranked initiators for ``item``; a click opens an initiator's own recommendations."""
    st.header(t("initiators.title"), anchor=False)
    leave_out, least, length = _filters(recommender.question)
    with st.spinner(t("initiators.searching")):
        ranking = rank_initiators(recommender, item, length, leave_out, least)
    if not ranking.results:
        empty_state(t("initiators.none"), t("initiators.none.next"))
        return
    _lead(recommender, ranking)
    show_last_said("users")
    cards = {result.id: user_card(result.id) for result in ranking.results}
    best = max(result.probability for result in ranking.results) or 1.0
    with st.container(height=HEIGHT if len(ranking.results) > 5 else "content", key="initiators"):
        st.html(QUIET_BUTTONS)
        for result in ranking.results:
            _row(result, cards[result.id], best)
    table = initiators_table(ranking.results, cards, reason_text, t("new_to_model"), _day)
    download_list(with_moment_and_shelf(table), ranking.results, "initiators")


def _day(moment: pd.Timestamp | None) -> str:
    return "" if moment is None else day(moment, language())


def _filters(question: Question) -> tuple[bool, int, int]:
    """Whether to leave out who has launched the item, the least past launches, and the length of the list."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        leave_out = st.toggle(
            t("initiators.leave_out"),
            value=question is Question.NEW,
            key="leave_out_launchers",
            help=t("initiators.leave_out.help"),
            bind="query-params",
        )
        restore_setting("least_launches", DEFAULT_MINIMUM, one_of(LAUNCH_MINIMUMS))
        least = st.selectbox(
            t("initiators.least"),
            LAUNCH_MINIMUMS,
            key="least_launches",
            format_func=_minimum_label,
            on_change=save_setting,
            args=("least_launches",),
            label_visibility="collapsed",
            width=260,
        )
        restore_setting("launchers_length", LENGTHS[0], one_of(LENGTHS))
        length = st.segmented_control(
            t("filter.length"),
            LENGTHS,
            required=True,
            key="launchers_length",
            format_func=lambda n: t("filter.top", n=n),
            on_change=save_setting,
            args=("launchers_length",),
            label_visibility="collapsed",
        )
    return leave_out, int(least), int(length or LENGTHS[0])


def _minimum_label(launches: int) -> str:
    if launches < 2:
        return t("initiators.least.one") if launches else t("initiators.least.any")
    return t("initiators.least.n", n=launches)


def _lead(recommender: Recommender, ranking: InitiatorRanking) -> None:
    """Draws how the list was made, what its percentages mean, and how far they can be trusted."""
    sizes = {
        "shown": count(len(ranking.results)),
        "candidates": count(ranking.candidates),
        "ranked": count(ranking.ranked),
    }
    how = t("initiators.count.all" if ranking.exact else "initiators.count", **sizes)
    st.caption(sentences(how, t("initiators.read")), help=t("share.items.help"))
    if order_alone(recommender.manifest, Task.ITEMS, ranking.question):
        st.caption(t("share.order"))


def _row(result: RankedInitiator, card: UserCard | None, best: float) -> None:
    """Draws one initiator."""
    name, share, why, never = st.columns(WIDTHS, gap="medium", vertical_alignment="center")
    with name:
        st.button(
            f"{result.rank}\\. {escape_markdown(result.name)}",
            key=f"initiator-{result.id}",
            type="tertiary",
            icon=":material/arrow_forward:",
            on_click=open_recommendation,
            args=(result.id,),
            wrap=True,
        )
        badge = f":gray-badge[{t('new_to_model')}] " if result.newcomer else ""
        st.caption(badge + escape_markdown(t("list.dot").join(_facts(card))))
    with share:
        st.progress(result.probability / best, text=share_text(Task.ITEMS, result.probability))
    with why:
        reasons = [escape_markdown(reason_text(reason)) for reason in result.reasons]
        st.caption("  \n".join(reasons) or t("initiators.reasons.none"))
    with never:
        show_never_ask(result.id)


def _facts(card: UserCard | None) -> list[str]:
    """The initiator's card in short."""
    if card is None:
        return []
    closed = card.successes + card.failures
    facts = [t("initiators.fact.launches", n=count(card.launches))]
    if closed:
        facts.append(t("initiators.fact.filled", share=percent(card.successes / closed)))
    facts.append(t("initiators.fact.circle", n=count(card.circle)))
    if card.last_launch is not None:
        facts.append(t("initiators.fact.last", day=day(card.last_launch, language())))
    return facts
