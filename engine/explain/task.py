"""The inside of the model for one candidate, and the sentence that sums it up."""

from collections.abc import Sequence

import numpy as np

from engine.evidence.graphs import Graphs
from engine.explain.reasons import NameItems, Query, reasons_for
from engine.results import Contribution, Reason, TaskExplanation

SIMILAR = 200  # items that count as similar to another


def explain_task(query: Query, candidate: int, name_items: NameItems) -> TaskExplanation:
    """Gate, attention, contributions and reasons of one candidate (a position)."""
    scorer = query.scorer
    alone = np.array([candidate], np.int64)
    arguments = (query.initiator, query.item, alone, query.everyone.evidence[alone])
    inside = scorer.graph.inside(*arguments)
    score = float(inside.score[0])
    return TaskExplanation(
        task=scorer.task,
        score=score,
        probability=float(scorer.probabilities(inside.score, query.everyone.normaliser)[0]),
        experts=scorer.manifest.experts,
        gate=inside.gate[0],
        tokens=scorer.manifest.tokens,
        attention=inside.attention[0],
        contributions=[
            Contribution(name, score - float(scorer.graph.scores(*arguments, without=place)[0]))
            for place, name in enumerate(scorer.manifest.tokens)
        ],
        reasons=reasons_for(query, alone, name_items)[0],
    )


def similar_items(graphs: Graphs, item: int) -> list[int]:
    """The items that go with ``item`` by what the same people chose, the most similar first."""
    row = graphs.co_occurrence[item]
    closeness = row.data * graphs.rarity[row.indices]
    return [int(k) for k in row.indices[np.argsort(-closeness, kind="stable")[:SIMILAR]]]


def item_sentence(
    initiator: str, item: str, rank: int, candidates: int, reasons: Sequence[Reason]
) -> str:
    """Where the item stands for the initiator, and why; names, not ids."""
    return _sentence(f"{item} ranks {rank:,} of {candidates:,} items for {initiator}", reasons)


def participant_sentence(
    participant: str, rank: int, candidates: int, reasons: Sequence[Reason]
) -> str:
    """Where the participant stands among all who could join, and why."""
    return _sentence(f"{participant} ranks {rank:,} of {candidates:,} people to invite", reasons)


def _sentence(claim: str, reasons: Sequence[Reason]) -> str:
    told = " and ".join(reason.text[0].lower() + reason.text[1:] for reason in reasons[:2])
    return f"{claim}: {told}." if told else f"{claim}."
