"""The whole network: role vectors, the scales of the evidence, and MAMGBR over the tokens."""

import numpy as np
import torch
from torch import Tensor, nn

from db.logs import Task
from engine.model_settings import ModelSettings
from train.evaluate.sampled_ranking import CandidateLists
from train.nn.embeddings import BatchViews
from train.nn.losses import bpr, listnet, load_balancing, sampled_softmax, sum_terms
from train.nn.model import Mamgbr, PerTask, TaskOutput
from train.nn.tokens import Scale, evidence_columns, item_inputs, participant_inputs, token_inputs
from train.prepare.examples import Examples

Batch = dict[str, Tensor]  # the arrays of ``Examples`` by name, on the network's device


class Network(nn.Module):
    """From positions and evidence to logits; ``views`` gives the role vectors in each snapshot."""

    def __init__(self, settings: ModelSettings, views: nn.Module) -> None:
        super().__init__()
        self.settings = settings
        self.views = views
        self.mamgbr = Mamgbr(settings, token_inputs(settings))
        self.scales = PerTask(lambda task: Scale(evidence_columns(settings, task)))

    def fit_scales(self, examples: Examples) -> None:
        """Takes the mean and the deviation of the evidence from these examples."""
        for task, evidence in (
            (Task.ITEMS, examples.item_evidence),
            (Task.PARTICIPANTS, examples.participant_evidence),
        ):
            scale = self.scales[task]
            assert isinstance(scale, Scale)  # noqa: S101  for the type checker
            scale.fit(evidence)

    def score_items(
        self, vectors: BatchViews, u: Tensor, i: Tensor, evidence: Tensor, p: Tensor | None = None
    ) -> TaskOutput:
        """Task I for ``u`` [B, 1], ``i`` [B, K], raw ``evidence`` [B, K, E1]; ``p`` [B, K] in the auxiliary loss."""
        scaled = self.scales[Task.ITEMS](evidence)
        inputs = item_inputs(self.settings, vectors, u, i, scaled, p)
        return self.mamgbr(Task.ITEMS, inputs)

    def score_participants(
        self, vectors: BatchViews, u: Tensor, i: Tensor, p: Tensor, evidence: Tensor
    ) -> TaskOutput:
        """Task II for ``u`` [B, 1], ``i`` [B, 1 or K], ``p`` [B, K or 1] and raw ``evidence`` [B, K, E2]."""
        scaled = self.scales[Task.PARTICIPANTS](evidence)
        inputs = participant_inputs(self.settings, vectors, u, i, p, scaled)
        return self.mamgbr(Task.PARTICIPANTS, inputs)

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """The weighted terms of eq. 25 on a batch of triples, by name."""
        return sum_terms(*(self.task_losses(task, batch) for task in self.tasks()))

    def tasks(self) -> tuple[Task, ...]:
        """The tasks that are trained."""
        return tuple(Task) if self.settings.tasks == "both" else (Task(self.settings.tasks),)

    def task_losses(self, task: Task, batch: Batch) -> dict[str, Tensor]:
        """The terms of one task; those of the other do not depend on them."""
        losses = self._item_losses if task == Task.ITEMS else self._participant_losses
        return losses(BatchViews(self.views(), batch["snapshot"]), batch)

    def _item_losses(self, vectors: BatchViews, batch: Batch) -> dict[str, Tensor]:
        settings, known = self.settings, batch["known"]
        output = self.score_items(
            vectors, batch["initiator"][:, None], batch["items"], batch["item_evidence"]
        )
        terms = {"items": self._ranking_loss(output.score, known[:, 0])}
        if settings.auxiliary_1:
            scores = self._triple_scores(vectors, batch)
            relevant = 1 + settings.auxiliary_negatives
            loss = listnet(scores, relevant, known.all(1))  # eq. 21
            terms["auxiliary_items"] = settings.auxiliary_1 * loss
        return terms | self._load_balancing(output)

    def _participant_losses(self, vectors: BatchViews, batch: Batch) -> dict[str, Tensor]:
        settings, known = self.settings, batch["known"]
        u, items, people = batch["initiator"][:, None], batch["items"], batch["participants"]
        output = self.score_participants(
            vectors, u, items[:, :1], people, batch["participant_evidence"]
        )
        scores = output.score
        loss = self._ranking_loss(scores, known[:, 1])
        terms = {"participants": settings.task_weight * loss}
        if settings.auxiliary_2:
            others = items[:, 1 : 1 + settings.auxiliary_negatives]
            corrupted = self.score_participants(
                vectors, u, others, people[:, :1], batch["swapped_evidence"]
            ).score
            # eq. 24: the true participant is more likely to join the true item
            terms["auxiliary_participants"] = settings.auxiliary_2 * bpr(
                scores[:, :1], corrupted, settings.bpr_on, known.all(1)
            )
        return terms | self._load_balancing(output)

    def _load_balancing(self, output: TaskOutput) -> dict[str, Tensor]:
        """Over the positives alone: candidates like them are what people are shown."""
        weight = self.settings.balance
        return {"balance": weight * load_balancing(output.gate[:, :1])} if weight else {}

    def _ranking_loss(self, scores: Tensor, counted: Tensor) -> Tensor:
        if self.settings.loss == "softmax":
            return sampled_softmax(scores, counted)
        return bpr(scores[:, :1], scores[:, 1:], self.settings.bpr_on, counted)

    def _triple_scores(self, vectors: BatchViews, batch: Batch) -> Tensor:
        """Task I logits of (u,i,p), the (u,i,p') and the (u,i',p), in this order: [B, 1 + 2|T|]."""
        count = self.settings.auxiliary_negatives
        items, people, evidence = batch["items"], batch["participants"], batch["item_evidence"]
        true_item, true_person = items[:, :1], people[:, :1]
        i = torch.cat([true_item.expand(-1, 1 + count), items[:, 1 : 1 + count]], 1)
        p = torch.cat([people[:, : 1 + count], true_person.expand(-1, count)], 1)
        if evidence.shape[2]:
            width = evidence.shape[2]
            evidence = torch.cat(
                [evidence[:, :1].expand(-1, 1 + count, width), evidence[:, 1 : 1 + count]], 1
            )
        else:
            evidence = evidence.new_empty(*i.shape, 0)
        return self.score_items(vectors, batch["initiator"][:, None], i, evidence, p).score

    @torch.no_grad()
    def score_lists(
        self, lists: CandidateLists, evidence: np.ndarray, snapshot: int, rows: int = 256
    ) -> np.ndarray:
        """The logits [n, N] of candidate lists in one snapshot, in evaluation mode, ``rows`` lists at a time."""
        training = self.training
        self.eval()
        device = next(self.parameters()).device
        views = self.views()
        scores = np.empty(lists.candidates.shape, np.float32)
        for start in range(0, len(scores), rows):
            part = slice(start, start + rows)
            u = torch.from_numpy(lists.initiator[part]).to(device)[:, None]
            candidates = torch.from_numpy(lists.candidates[part]).to(device)
            seen = torch.from_numpy(evidence[part]).to(device)
            vectors = BatchViews(views, torch.full((len(u),), snapshot, device=device))
            if lists.item is None:
                output = self.score_items(vectors, u, candidates, seen)
            else:
                i = torch.from_numpy(lists.item[part]).to(device)[:, None]
                output = self.score_participants(vectors, u, i, candidates, seen)
            scores[part] = output.score.cpu().numpy()
        self.train(training)
        return scores
