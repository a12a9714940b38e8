"""Columns for charts: side by side where the page is wide enough for each, below each other where it is not."""

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

LEAST = "22rem"  # a chart narrower than this squeezes its labels


def side_by_side(sizes: int | Sequence[int], key: str) -> list[DeltaGenerator]:
    """So many columns, or columns in these proportions; ``key`` tells them from others of the page.

    Streamlit's own columns stay in one row down to a phone's width.
    """
    frame = st.container(key=key)
    frame.html(f"<style>.st-key-{key} [data-testid='stColumn'] {{ min-width: {LEAST}; }}</style>")
    return frame.columns(sizes, gap="large")
