"""Who would join: ranked participants for one item, and the chance that the group fills."""

import pandas as pd
import streamlit as st

from app.cached_reads import item_frame, rank_participants, ties
from app.figures.bars import filling_bars
from app.figures.palette import palette
from app.frame.page import escape_markdown
from app.recommending.filling import fill_probability, join_count_tail
from app.recommending.ranked_list import Row, download_list, show_ranked_list
from app.recommending.tables import participants_table
from app.text import t
from app.text.numbers import count, percent
from app.text.reasons import reason_text, tie_text
from app.url_state import choose_participant, choose_start, selection, selection_query
from engine.recommender import Recommender
from engine.results import Ranking

RANKED = 20  # participants in the list
INVITED = 10  # of them are invited by default


def show_ranked_participants(recommender: Recommender, initiator: str, item: str) -> None:
    """Draws the section below the items: who would join for ``item``, and whether the group fills."""
    ranking = rank_participants(recommender, initiator, item, RANKED)
    facts = item_frame().loc[item].to_dict()
    name = facts["name"] if isinstance(facts["name"], str) else item
    st.subheader(t("participants.title", item=escape_markdown(name)), anchor=False)
    st.caption(t("participants.lead", candidates=count(ranking.candidates)))
    if ranking.item_newcomer:
        st.caption(f":gray-badge[{t('new_to_model')}] {t('new_to_model.item.help')}")
    _participants(ranking, initiator)
    minimum = facts["min_participants"]
    _fill_chance(ranking, int(minimum) if pd.notna(minimum) else None)


def _participants(ranking: Ranking, initiator: str) -> None:
    known = ties(initiator, tuple(result.id for result in ranking.results))
    words = {id: tie_text(tie) for id, tie in known.items()}
    rows = [Row(result, list(filter(None, [words[result.id]]))) for result in ranking.results]
    show_ranked_list(rows, selection().participant, choose_participant, "participant")
    table = participants_table(ranking.results, words, reason_text, t("new_to_model"))
    with st.container(horizontal=True):
        if st.button(t("why.open"), type="primary", icon=":material/psychology_alt:", key="why"):
            st.switch_page("views/why.py", query_params=selection_query())
        download_list(table, ranking.results, "participants")
        st.button(
            t("initiators.others"),
            icon=":material/group_add:",
            key="other_initiators",
            on_click=choose_start,
            args=("item",),
        )


def _fill_chance(ranking: Ranking, minimum: int | None) -> None:
    """Draws the chance that the group fills by its size, if people decide independently."""
    most = len(ranking.results)
    if not most:
        return
    st.subheader(t("fill.title"), anchor=False)
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        invited = st.slider(
            t("fill.invited"),
            1,
            max(most, 2),
            min(INVITED, most),
            key="invited",
            width=320,
            bind="query-params",
        )
        chances = [result.probability for result in ranking.results[:invited]]
        if minimum is None:
            st.caption(t("fill.unknown"))
        else:
            st.metric(
                t("fill.minimum", people=minimum + 1),
                percent(fill_probability(chances, minimum)),
                help=t("fill.minimum.help", joins=minimum),
                width="content",
            )
    reach = min(len(chances), max(7, minimum or 0))
    st.plotly_chart(
        filling_bars(
            list(join_count_tail(chances)[1 : reach + 1]),
            None if minimum is None else minimum + 1,
            t("fill.axis.size"),
            t("fill.axis.chance"),
            palette(st.context.theme.type),
        ),
        key="filling",
        config={"displayModeBar": False},
    )
    st.caption(t("fill.assumption"))
