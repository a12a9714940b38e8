"""What happens inside the model for one candidate, and the sentence that sums it up."""

from collections.abc import Sequence

import numpy as np

from engine.evidence.graphs import Graphs
from engine.explain.reasons import NameItems, find_reasons
from engine.results import Contribution, Reason, TaskExplanation
from engine.scorer import ScoredQuery

MAX_SIMILAR = 200  # items that count as similar to another


def explain_task(
    scored: ScoredQuery, candidate: int, name_items: NameItems, missing: bool = False
) -> TaskExplanation:
    """Gate, attention, contributions and reasons of one candidate (a position), ``missing`` where it cannot be had."""
    scorer, query = scored.scorer, scored.query
    alone = np.array([candidate], np.int64)
    arguments = (query, alone, scored.evidence[alone])
    inside = scorer.head.outputs(*arguments)
    score = float(inside.score[0])
    return TaskExplanation(
        task=scorer.task,
        score=score,
        probability=float(scored.probabilities(inside.score, missing)[0]),
        experts=scorer.manifest.experts,
        gate=inside.gate[0],
        tokens=scorer.manifest.tokens,
        attention=inside.attention[0],
        contributions=[
            Contribution(token, score - float(scorer.head.scores(*arguments, without=index)[0]))
            for index, token in enumerate(scorer.manifest.tokens)
        ],
        reasons=find_reasons(scored, alone, name_items)[0],
    )


def similar_items(graphs: Graphs, item: int) -> list[int]:
    """The items that are chosen by the same people as ``item``, by cosine, the most similar first."""
    row = graphs.co_occurrence[item]
    cosine = row.data * graphs.rarity[row.indices]
    return [int(k) for k in row.indices[np.argsort(-cosine, kind="stable")[:MAX_SIMILAR]]]


def item_sentence(
    initiator: str, item: str, rank: int, candidates: int, reasons: Sequence[Reason]
) -> str:
    """The rank of an item for an initiator and the main reasons, in English, with names."""
    return _with_reasons(f"{item} ranks {rank:,} of {candidates:,} items for {initiator}", reasons)


def participant_sentence(
    participant: str, rank: int, candidates: int, reasons: Sequence[Reason]
) -> str:
    """The rank of a participant and the main reasons, in English, with names."""
    return _with_reasons(
        f"{participant} ranks {rank:,} of {candidates:,} people to invite", reasons
    )


def _with_reasons(claim: str, reasons: Sequence[Reason]) -> str:
    main = "; ".join(reason.text[0].lower() + reason.text[1:] for reason in reasons[:2])
    return f"{claim}. Why: {main}." if main else f"{claim}."
