"""What figures of merit are called."""

from app.text import t


def named_figure(key: str) -> str:
    """A figure as people write it, in the page's language: ``items/mrr@10`` as "Items MRR@10"."""
    task, _, name = key.partition("/")
    return f"{t(f'figure.{task}')} {name.upper()}"
