"""The entry: page frame, language, navigation, and the one state in which no page can work, a
store that fails.
"""

import streamlit as st

from app.auth.permissions import NotAllowedError
from app.auth.sign_in import admitted, refused, signed_in_as
from app.cached_reads import open_store
from app.frame.page import frame, language_switch, status, trouble, widgets_in_chinese
from app.retraining.model_versions import notice
from app.text import t
from app.text.messages import message_text
from db.errors import StoreError

frame()
language_switch()
widgets_in_chinese()
if not admitted():
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
    status()
    signed_in_as()
    notice()
    page.run()
except StoreError as error:
    # A store may also fail under a page that is open: locked for long, or its disk full.
    trouble(t("store.trouble"), message_text(error))
except NotAllowedError:
    refused()
