"""Explains a recommendation: rank and reasons in both tasks, and the past groups that it rests on."""

from dataclasses import replace

from engine.candidates import Question
from engine.catalogue import Catalogue, Offered
from engine.explain.explanation import (
    explain_task,
    item_sentence,
    participant_sentence,
    similar_items,
)
from engine.loading import Bundle
from engine.query_scores import QueryScores
from engine.results import Explanation, TaskExplanation


class Explainer:
    """Explains what one model says of a catalogue."""

    def __init__(self, bundle: Bundle, catalogue: Catalogue, scores: QueryScores) -> None:
        self._bundle, self._catalogue, self._scores = bundle, catalogue, scores

    def explain(self, initiator: str, item: str, participant: str | None) -> Explanation:
        """Why this item for this initiator and, if one is given, why this participant.

        Ranks are among what can be had and who may be asked; what is explained is ranked with them if it is not among
        them.
        """
        offered = self._catalogue.offered()
        task, sentence = self._explain_item(initiator, item, offered)
        tasks, sentences = [task], [sentence]
        if participant is not None:
            task, sentence = self._explain_participant(initiator, item, participant, offered)
            tasks.append(task)
            sentences.append(sentence)
        return Explanation(
            model=self._bundle.manifest.version,
            initiator=initiator,
            item=item,
            participant=participant,
            tasks=tasks,
            past_groups=self._catalogue.source.past_groups(
                initiator, item, participant, self._similar(item)
            ),
            sentence=" ".join(sentences),
            moment=self._catalogue.moment,
            item_unavailable=offered.why_not_item(item),
            participant_unasked=offered.availability.unasked.get(participant or ""),
        )

    def _explain_item(
        self, initiator: str, item: str, offered: Offered
    ) -> tuple[TaskExplanation, str]:
        """The explanation and the sentence of Task I."""
        question = self._bundle.manifest.question
        launched = self._scores.launched_items(initiator, question)
        if item in launched:  # no candidate for something new
            question, launched = Question.ANY, set()
        scored = self._scores.score_items(initiator, launched, question, offered)
        position = self._bundle.items.position(item)
        missing = offered.why_not_item(item) is not None
        task = explain_task(scored, position, self._catalogue.item_names, missing)
        listed = self._catalogue.items
        allowed = ~listed.mask(launched) & offered.items
        rank, candidates = listed.rank(scored.scores, allowed, item, position)
        user = self._catalogue.names("users", [initiator])[initiator]
        name = self._catalogue.names("items", [item])[item]
        sentence = item_sentence(user, name, rank, candidates, task.reasons)
        return replace(task, rank=rank, candidates=candidates), sentence

    def _explain_participant(
        self, initiator: str, item: str, participant: str, offered: Offered
    ) -> tuple[TaskExplanation, str]:
        """The explanation and the sentence of Task II."""
        scored = self._scores.score_participants(initiator, item, (), offered)
        position = self._bundle.users.position(participant)
        task = explain_task(scored, position, self._catalogue.item_names)
        listed = self._catalogue.users
        allowed = ~listed.mask({initiator} - {participant}) & offered.people
        rank, candidates = listed.rank(scored.scores, allowed, participant, position)
        name = self._catalogue.names("users", [participant])[participant]
        sentence = participant_sentence(name, rank, candidates, task.reasons)
        return replace(task, rank=rank, candidates=candidates), sentence

    def _similar(self, item: str) -> list[str]:
        """Ids of the items that are chosen with ``item``; none for a model without evidence."""
        if self._bundle.evidence is None:
            return []
        near = similar_items(self._bundle.evidence.graphs, self._bundle.items.position(item))
        return [self._bundle.items.ids[position] for position in near]
