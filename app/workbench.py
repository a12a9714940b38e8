"""What every session runs: page frame, sign-in, navigation, and errors that have a sentence and no page handles."""

import streamlit as st

from app.auth.permissions import NotAllowedError
from app.auth.sign_in import admit_session, show_account
from app.cached_reads import open_store
from app.frame.failures import show_known_failure
from app.frame.moment import show_moment_control
from app.frame.page import language_switch, set_up_page, show_status, translate_widgets
from app.retraining.model_versions import show_new_version_notice
from app.text import t
from db.errors import UserFacingError

RANKING = (
    "",
    "open_groups",
    "campaign",
    "why",
)  # the addresses of pages whose lists are as of a moment

set_up_page()
language_switch()
translate_widgets()
if not admit_session():
    st.stop()
page = st.navigation(
    {
        t("nav.section.daily"): [
            st.Page(
                "views/recommend.py",
                title=t("nav.recommend"),
                icon=":material/storefront:",
                default=True,
            ),
            st.Page(
                "views/open_groups.py", title=t("nav.open_groups"), icon=":material/group_add:"
            ),
            st.Page("views/campaign.py", title=t("nav.campaign"), icon=":material/campaign:"),
            st.Page("views/why.py", title=t("nav.why"), icon=":material/psychology_alt:"),
            st.Page("views/gates.py", title=t("nav.gates"), icon=":material/tune:"),
        ],
        t("nav.section.upkeep"): [
            st.Page("views/data.py", title=t("nav.data"), icon=":material/database:"),
            st.Page("views/retrain.py", title=t("nav.retrain"), icon=":material/model_training:"),
            st.Page("views/evaluation.py", title=t("nav.evaluation"), icon=":material/monitoring:"),
            st.Page("views/about.py", title=t("nav.about"), icon=":material/info:"),
        ],
    },
    expanded=True,
)
try:
    open_store()
    if page.url_path in RANKING:
        show_moment_control()
    show_status()
    show_account()
    show_new_version_notice()
    page.run()
except (UserFacingError, NotAllowedError) as error:
    # Also while a page is open: a store is locked for long, its disk is full, a model's files are gone.
    show_known_failure(error)
