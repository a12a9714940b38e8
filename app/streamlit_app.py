"""The entry: page frame, language, navigation, and the one state in which no page can work, a
store that fails.
"""

import streamlit as st

from app.shell import frame, settings_in_sidebar, trouble
from app.stores import open_store
from app.text import t
from db.errors import StoreError

frame()
settings_in_sidebar()
page = st.navigation(
    {
        t("nav.section.daily"): [
            st.Page(
                "views/recommend.py",
                title=t("nav.recommend"),
                icon=":material/storefront:",
                default=True,
            ),
            st.Page("views/why.py", title=t("nav.why"), icon=":material/psychology_alt:"),
            st.Page("views/gates.py", title=t("nav.gates"), icon=":material/tune:"),
        ],
        t("nav.section.upkeep"): [
            st.Page("views/data.py", title=t("nav.data"), icon=":material/database:"),
            st.Page("views/retrain.py", title=t("nav.retrain"), icon=":material/model_training:"),
            st.Page("views/evaluation.py", title=t("nav.evaluation"), icon=":material/monitoring:"),
        ],
    },
    expanded=True,
)
try:
    open_store()
except StoreError as error:
    trouble(t("store.trouble"), str(error))
else:
    page.run()
