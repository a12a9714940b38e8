"""Who would join: ranked participants for one item, and how likely the group is to fill."""

import pandas as pd
import streamlit as st
from engine.recommender import Recommender

from app.downloads import csv_bytes
from app.figures.filling import filling_bars
from app.figures.palette import palette
from app.filling import at_least, fills
from app.ranked import participants_table
from app.reasons import say
from app.shell import plain
from app.state import choose_participant, in_address, selection
from app.stores import item_frame, rank_participants, ties
from app.tables import ranked_frame
from app.text import t
from app.text.numbers import count, percent
from app.ties import tie_text
from engine.results import Ranking

INVITED = 20


def joiners(recommender: Recommender, initiator: str, item: str) -> None:
    """The section below the items: participants for ``item``, the chance to fill, and the way to
    Why.
    """
    ranking = rank_participants(recommender, initiator, item, INVITED)
    facts = item_frame().loc[item]
    name = facts["name"] if isinstance(facts["name"], str) else item
    st.markdown(f"### {t('joiners.title', item=plain(name))}")
    st.caption(t("joiners.lead", candidates=count(ranking.candidates)))
    if ranking.item_newcomer:
        st.caption(f":gray-badge[{t('newcomer')}] {t('newcomer.item.help')}")
    people, chance = st.columns([3, 2], gap="large")
    with people:
        _people(ranking, initiator, item)
    with chance:
        minimum = facts["min_participants"]
        _chance(ranking, int(minimum) if pd.notna(minimum) else None)


def _people(ranking: Ranking, initiator: str, item: str) -> None:
    known = ties(initiator, tuple(result.id for result in ranking.results))
    table = participants_table(
        ranking.results,
        {number: tie_text(tie) for number, tie in known.items()},
        say,
        t("newcomer"),
    )
    chosen = selection().participant
    ranked_frame(
        table, ranking.results, chosen, choose_participant, f"{ranking.model}/{initiator}/{item}", 6
    )
    with st.container(horizontal=True):
        if st.button(t("why.open"), type="primary", icon=":material/psychology_alt:", key="why"):
            st.switch_page("views/why.py", query_params=in_address())
        st.download_button(
            t("download"),
            csv_bytes(table.assign(id=[result.id for result in ranking.results])),
            file_name="participants.csv",
            mime="text/csv",
            icon=":material/download:",
            key="download-participants",
            on_click="ignore",
        )


def _chance(ranking: Ranking, minimum: int | None) -> None:
    """The chance to fill by size, each invited person deciding for herself."""
    most = len(ranking.results)
    invited = st.slider(t("fill.invited"), 1, max(most, 2), min(10, most), key="invited")
    chances = [result.probability for result in ranking.results[:invited]]
    if minimum is not None:
        st.metric(
            t("fill.minimum", people=minimum + 1),
            percent(fills(chances, minimum)),
            help=t("fill.minimum.help", joins=minimum),
        )
    else:
        st.caption(t("fill.unknown"))
    reach = min(len(chances), max(7, minimum or 0))
    st.plotly_chart(
        filling_bars(
            list(at_least(chances)[1 : reach + 1]),
            None if minimum is None else minimum + 1,
            t("fill.axis.size"),
            t("fill.axis.chance"),
            palette(st.context.theme.type),
        ),
        key="filling",
        config={"displayModeBar": False},
    )
    st.caption(t("fill.assumption"))
