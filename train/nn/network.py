"""The whole network: role vectors, scales of the evidence, and MAMGBR over the tokens."""

import numpy as np
import torch
from torch import Tensor, nn

from engine.model_settings import ModelSettings
from train.evaluate.sampled_ranking import CandidateLists
from train.nn.embeddings import Views
from train.nn.losses import bpr, listnet, load_balancing, sampled_softmax, sum_terms
from train.nn.model import TASKS, Mamgbr, PerTask, TaskOutput
from train.nn.tokens import Scale, evidence_columns, item_inputs, participant_inputs, token_inputs
from train.prepare.examples import Examples


class Network(nn.Module):
    """Positions and evidence in, logits out. ``views`` gives the role vectors of one or more worlds."""

    def __init__(self, config: ModelSettings, views: nn.Module) -> None:
        super().__init__()
        self.config = config
        self.views = views
        self.mamgbr = Mamgbr(config, token_inputs(config))
        self.scales = PerTask(lambda task: Scale(evidence_columns(config, task)))

    def fit_scales(self, examples: Examples) -> None:
        """Takes the evidence's mean and spread from these examples."""
        for task, facts in (
            ("items", examples.item_facts),
            ("participants", examples.participant_facts),
        ):
            scale = self.scales[task]
            assert isinstance(scale, Scale)  # noqa: S101  for the type checker
            scale.fit(facts)

    def score_items(
        self,
        views: Views,
        world: Tensor,
        u: Tensor,
        i: Tensor,
        facts: Tensor,
        p: Tensor | None = None,
    ) -> TaskOutput:
        """Task I for ``world`` [B], ``u`` [B, 1], ``i`` [B, K], raw ``facts`` [B, K, E1] and perhaps ``p`` [B, K]."""
        scaled = self.scales["items"](facts)
        inputs = item_inputs(self.config, views, world, u, i, scaled, p)
        return self.mamgbr("items", inputs)

    def score_participants(
        self, views: Views, world: Tensor, u: Tensor, i: Tensor, p: Tensor, facts: Tensor
    ) -> TaskOutput:
        """Task II for ``world`` [B], ``u`` [B, 1], ``i`` [B, 1 or K], ``p`` [B, K or 1], raw ``facts`` [B, K, E2]."""
        scaled = self.scales["participants"](facts)
        inputs = participant_inputs(self.config, views, world, u, i, p, scaled)
        return self.mamgbr("participants", inputs)

    def losses(self, put: dict[str, Tensor]) -> dict[str, Tensor]:
        """The weighted terms of eq. 25, by name, on a batch of triples: the arrays of ``Examples`` on the device."""
        return sum_terms(*(self.task_losses(task, put) for task in self.tasks()))

    def tasks(self) -> tuple[str, ...]:
        """The tasks that are trained."""
        return TASKS if self.config.tasks == "both" else (self.config.tasks,)

    def task_losses(self, task: str, put: dict[str, Tensor]) -> dict[str, Tensor]:
        """One task's share of the terms; nothing of it is anything to the other task's."""
        share = self._item_losses if task == "items" else self._participant_losses
        return share(self.views(), put)

    def _item_losses(self, views: Views, put: dict[str, Tensor]) -> dict[str, Tensor]:
        config, known = self.config, put["known"]
        ranked = self.score_items(
            views, put["world"], put["initiator"][:, None], put["items"], put["item_facts"]
        )
        terms = {"items": self._ranking(ranked.score, known[:, 0])}
        if config.auxiliary_1:
            scores = self._triples(views, put)
            relevant = 1 + config.auxiliary_negatives
            told = listnet(scores, relevant, known.all(1))
            terms["auxiliary_items"] = config.auxiliary_1 * told
        return terms | self._balance(ranked)

    def _participant_losses(self, views: Views, put: dict[str, Tensor]) -> dict[str, Tensor]:
        config, known = self.config, put["known"]
        world, u = put["world"], put["initiator"][:, None]
        items, people = put["items"], put["participants"]
        ranked = self.score_participants(
            views, world, u, items[:, :1], people, put["participant_facts"]
        )
        right = ranked.score
        terms = {"participants": config.task_weight * self._ranking(right, known[:, 1])}
        if config.auxiliary_2:
            swapped = items[:, 1 : 1 + config.auxiliary_negatives]
            wrong = self.score_participants(
                views, world, u, swapped, people[:, :1], put["swapped_facts"]
            ).score
            # eq. 24: the true participant is likelier to join the true item
            terms["auxiliary_participants"] = config.auxiliary_2 * bpr(
                right[:, :1], wrong, config.bpr_on, known.all(1)
            )
        return terms | self._balance(ranked)

    def _balance(self, ranked: TaskOutput) -> dict[str, Tensor]:
        """Of the right answers alone: those are what is shown to people."""
        weight = self.config.balance
        return {"balance": weight * load_balancing(ranked.gate[:, :1])} if weight else {}

    def _ranking(self, scores: Tensor, counted: Tensor) -> Tensor:
        if self.config.loss == "softmax":
            return sampled_softmax(scores, counted)
        return bpr(scores[:, :1], scores[:, 1:], self.config.bpr_on, counted)

    def _triples(self, views: Views, put: dict[str, Tensor]) -> Tensor:
        """Task I logits of (u,i,p), the (u,i,p') and the (u,i',p), in this order: [B, 1 + 2|T|]."""
        count = self.config.auxiliary_negatives
        items, people, facts = put["items"], put["participants"], put["item_facts"]
        true_item, true_person = items[:, :1], people[:, :1]
        i = torch.cat([true_item.expand(-1, 1 + count), items[:, 1 : 1 + count]], 1)
        p = torch.cat([people[:, : 1 + count], true_person.expand(-1, count)], 1)
        if facts.shape[2]:
            width = facts.shape[2]
            facts = torch.cat(
                [facts[:, :1].expand(-1, 1 + count, width), facts[:, 1 : 1 + count]], 1
            )
        else:
            facts = facts.new_empty(*i.shape, 0)
        return self.score_items(views, put["world"], put["initiator"][:, None], i, facts, p).score

    @torch.no_grad()
    def score_lists(
        self,
        lists: CandidateLists,
        facts: np.ndarray,
        world: int,
        rows: int = 256,
    ) -> np.ndarray:
        """Logits of candidate lists [n, N] in one world, in evaluation mode."""
        training = self.training
        self.eval()
        device = next(self.parameters()).device
        views = self.views()
        scores = np.empty(lists.candidates.shape, np.float32)
        for start in range(0, len(scores), rows):
            part = slice(start, start + rows)
            u = torch.from_numpy(lists.initiator[part]).to(device)[:, None]
            candidates = torch.from_numpy(lists.candidates[part]).to(device)
            seen = torch.from_numpy(facts[part]).to(device)
            place = torch.full((len(u),), world, device=device)
            if lists.item is None:
                scored = self.score_items(views, place, u, candidates, seen)
            else:
                i = torch.from_numpy(lists.item[part]).to(device)[:, None]
                scored = self.score_participants(views, place, u, i, candidates, seen)
            scores[part] = scored.score.cpu().numpy()
        self.train(training)
        return scores
