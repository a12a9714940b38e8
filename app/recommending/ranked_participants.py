"""Who would join: ranked participants for one item, and how groups for it went so far."""

import pandas as pd
import streamlit as st

from app.cached_reads import item_frame, rank_participants, ties
from app.frame.page import escape_markdown
from app.model_quality import order_alone
from app.recommending.never_again import show_last_said, show_never_ask
from app.recommending.on_the_shelf import show_unavailable, with_moment_and_shelf
from app.recommending.ranked_list import Row, download_list, show_ranked_list
from app.recommending.tables import participants_table
from app.recommending.track_record_section import show_track_record
from app.text import sentences, t
from app.text.numbers import count
from app.text.reasons import reason_text, tie_text
from app.url_state import choose_participant, choose_start, selection, selection_query
from db.logs import Task
from engine.recommender import Recommender
from engine.results import Ranking

RANKED = 20  # participants in the list


def show_ranked_participants(recommender: Recommender, initiator: str, item: str) -> None:
    """Draws the section below the items: who would join for ``item``, and its track record."""
    ranking = rank_participants(recommender, initiator, item, RANKED)
    facts = item_frame().loc[item].to_dict()
    name = facts["name"] if isinstance(facts["name"], str) else item
    st.subheader(t("participants.title", item=escape_markdown(name)), anchor=False)
    show_unavailable(item)
    how = t("participants.lead", candidates=count(ranking.candidates))
    st.caption(sentences(how, t("share.participants.lead")), help=t("share.participants.help"))
    if order_alone(recommender.manifest, Task.PARTICIPANTS):
        st.caption(t("share.order"))
    if ranking.item_newcomer:
        st.caption(f":gray-badge[{t('new_to_model')}] {t('new_to_model.item.help')}")
    _participants(ranking, initiator)
    minimum = facts["min_participants"]
    show_track_record(item, int(minimum) if pd.notna(minimum) else None)


def _participants(ranking: Ranking, initiator: str) -> None:
    known = ties(initiator, tuple(result.id for result in ranking.results))
    words = {id: tie_text(tie) for id, tie in known.items()}
    rows = [Row(result, list(filter(None, [words[result.id]]))) for result in ranking.results]
    show_last_said("users")
    show_ranked_list(
        Task.PARTICIPANTS,
        rows,
        selection().participant,
        choose_participant,
        "participant",
        show_never_ask,
    )
    table = participants_table(ranking.results, words, reason_text, t("new_to_model"))
    with st.container(horizontal=True):
        if st.button(t("why.open"), type="primary", icon=":material/psychology_alt:", key="why"):
            st.switch_page("views/why.py", query_params=selection_query())
        download_list(with_moment_and_shelf(table), ranking.results, "participants")
        st.button(
            t("initiators.others"),
            icon=":material/group_add:",
            key="other_initiators",
            on_click=choose_start,
            args=("item",),
        )
