"""Equations 1 to 25 of the paper in plain numpy: an independent reading to hold the network against.

Written from the paper, one triple (u, i, p) after the other, and as slow as that reads. What the paper leaves open is
settled as the preset ``paper`` settles it: the tokens of eq. 7 are e_u, e_i and e_p; Task I's third token is p-bar, the
mean of e_p over the users who joined a training group; pairs are averaged; L'_I is ListNet on Task I's logits, with
(u, i, p) and the (u, i, p') as relevant.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Triple = tuple[int, int, int | None]  # u, i and p; None is p-bar
Edge = tuple[int, int]


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def relu(x: Array) -> Array:
    return np.where(x > 0, x, 0)


def softmax(x: Array) -> Array:
    """Over the last axis."""
    raised = np.exp(x)
    return raised / raised.sum(-1, keepdims=True)


@dataclass(frozen=True)
class Group:
    """A successful group of the training logs: <u, i, G>."""

    initiator: int
    item: int
    participants: tuple[int, ...]


@dataclass(frozen=True)
class Shop:
    """U users, I items and their training groups. Users are nodes 0 to U - 1 of GI and GP, items follow."""

    users: int
    items: int
    groups: Sequence[Group]

    def initiator_graph(self) -> set[Edge]:
        return {(group.initiator, self.users + group.item) for group in self.groups}

    def participant_graph(self) -> set[Edge]:
        return {(p, self.users + group.item) for group in self.groups for p in group.participants}

    def social_graph(self) -> set[Edge]:
        return {(group.initiator, p) for group in self.groups for p in group.participants}

    def joiners(self) -> list[int]:
        return sorted({p for group in self.groups for p in group.participants})


@dataclass(frozen=True)
class Convolutions:
    """X^0 [nodes, d] of a graph, and its W [d, d] layer by layer."""

    start: Array
    weights: Sequence[Array]

    def last_layer(self, edges: set[Edge]) -> Array:
        """X^H [nodes, d] (eq. 1 to 3)."""
        adjacency = normalised_adjacency(len(self.start), edges)
        vectors = self.start
        for weight in self.weights:
            vectors = sigmoid(adjacency @ vectors @ weight)
        return vectors


def normalised_adjacency(nodes: int, edges: set[Edge]) -> Array:
    """D^-1/2 (A + I) D^-1/2 of an undirected graph (Kipf and Welling, reference 31 of the paper)."""
    adjacency = np.eye(nodes)
    for one, other in edges:
        adjacency[one, other] = adjacency[other, one] = 1
    degree = adjacency.sum(1)
    return adjacency / np.sqrt(degree[:, None] * degree[None, :])


@dataclass(frozen=True)
class Embeddings:
    """The last layers on GI [U+I, d], GP [U+I, d] and GIP [U, d], and whose e_p make p-bar."""

    initiator: Array
    participant: Array
    social: Array
    users: int
    joiners: Sequence[int]

    def e_u(self, u: int) -> Array:
        return np.concatenate([self.initiator[u], self.social[u]])  # eq. 4

    def e_i(self, i: int) -> Array:
        return np.concatenate(  # eq. 5
            [self.initiator[self.users + i], self.participant[self.users + i]]
        )

    def e_p(self, p: int | None) -> Array:
        if p is None:
            return np.mean([self.e_p(joiner) for joiner in self.joiners], 0)
        return np.concatenate([self.participant[p], self.social[p]])  # eq. 6

    def tokens(self, triple: Triple) -> Array:
        """X of eq. 7, [3, 2d]."""
        u, i, p = triple
        return np.stack([self.e_u(u), self.e_i(i), self.e_p(p)])


@dataclass(frozen=True)
class Expert:
    """An expert: W_Q, W_K, W_V and W_O [w, w], the two linear layers, and its batch normalisation."""

    query: Array
    key: Array
    value: Array
    output: Array
    first: Array  # [T * w, hidden]
    first_bias: Array
    second: Array  # [hidden, out]
    second_bias: Array
    scale: Array
    shift: Array
    mean: Array
    variance: Array

    def attend(self, tokens: Array, heads: int) -> tuple[Array, Array]:
        """MultiHead(Q, K, V) [T, w] of T tokens and the attention weights [h, T, T] (eq. 7 to 11)."""
        q, k, v = tokens @ self.query, tokens @ self.key, tokens @ self.value
        count, size = len(tokens), tokens.shape[1] // heads
        weights = np.empty((heads, count, count))
        outputs = []
        for head in range(heads):
            part = slice(head * size, (head + 1) * size)
            for i in range(count):
                scores = [q[i, part] @ k[j, part] / np.sqrt(size) for j in range(count)]  # eq. 8
                weights[head, i] = softmax(np.array(scores))  # eq. 9
            outputs.append(weights[head] @ v[:, part])  # eq. 10
        return np.concatenate(outputs, 1) @ self.output, weights

    def features(self, tokens: Array, heads: int) -> Array:
        """ReLU(W_2 ReLU(W_1 MultiHead + b_1) + b_2), [out] (eq. 12 and 13)."""
        x = self.attend(tokens, heads)[0].ravel()
        return relu(relu(x @ self.first + self.first_bias) @ self.second + self.second_bias)

    def outputs(self, inputs: Sequence[Array], heads: int, training: bool) -> Array:
        """E(x) [n, out] of n inputs without its dropout (eq. 14); in training these are the mini-batch."""
        features = np.stack([self.features(tokens, heads) for tokens in inputs])
        mean, variance = (
            (features.mean(0), features.var(0)) if training else (self.mean, self.variance)
        )
        return (features - mean) / np.sqrt(variance + 1e-5) * self.scale + self.shift


@dataclass(frozen=True)
class Perceptron:
    """Two linear layers with a ReLU between them: a gate before its softmax, or a tower."""

    first: Array
    first_bias: Array
    second: Array
    second_bias: Array

    def __call__(self, x: Array) -> Array:
        return relu(x @ self.first + self.first_bias) @ self.second + self.second_bias


@dataclass(frozen=True)
class Bank:
    """Experts and the gate that mixes them, in the gate's order."""

    experts: Sequence[Expert]
    gate: Perceptron

    def gate_weights(self, tokens: Array) -> Array:
        """alpha [experts] (eq. 15)."""
        return softmax(self.gate(tokens.ravel()))

    def mixtures(self, inputs: Sequence[Array], heads: int, training: bool = False) -> Array:
        """MTL(alpha) of eq. 16 and 17, [n, out]."""
        outputs = np.stack([expert.outputs(inputs, heads, training) for expert in self.experts])
        alpha = np.stack([self.gate_weights(tokens) for tokens in inputs])
        return np.stack([alpha[row] @ outputs[:, row] for row in range(len(inputs))])


@dataclass(frozen=True)
class TaskHead:
    """What one task reads: its own and the shared experts, and its tower."""

    bank: Bank
    tower: Perceptron

    def logits(self, inputs: Sequence[Array], heads: int, training: bool = False) -> Array:
        """What eq. 16 and 17 take the sigmoid of, [n]."""
        return self.tower(self.bank.mixtures(inputs, heads, training))[:, 0]


@dataclass(frozen=True)
class Example:
    """A true triple with its corrupted items and participants, of which the first |T| also make T_I and T_P.

    A task learns only from a triple whose answer has a history: ``item_known`` and ``participant_known``.
    """

    u: int
    i: int
    p: int
    other_items: Sequence[int]
    other_people: Sequence[int]
    item_known: bool = True
    participant_known: bool = True


@dataclass(frozen=True)
class Paper:
    """The whole model: embeddings, the two tasks, h heads and |T|."""

    embeddings: Embeddings
    task_1: TaskHead
    task_2: TaskHead
    heads: int
    corrupted: int

    def logits_1(self, triples: Sequence[Triple], training: bool = False) -> Array:
        """Task I's logits, of which r(i|u) is the sigmoid where p is p-bar (eq. 16)."""
        return self.task_1.logits(self._inputs(triples), self.heads, training)

    def logits_2(self, triples: Sequence[Triple], training: bool = False) -> Array:
        """Task II's logits, of which r(p|u, i) is the sigmoid (eq. 17)."""
        return self.task_2.logits(self._inputs(triples), self.heads, training)

    def _inputs(self, triples: Sequence[Triple]) -> list[Array]:
        return [self.embeddings.tokens(triple) for triple in triples]

    def loss_1(self, batch: Sequence[Example]) -> float:
        """L_I (eq. 18)."""
        lists = self._lists(
            self.logits_1, batch, lambda t: [(t.u, i, None) for i in (t.i, *t.other_items)]
        )
        counted = [row for row, t in zip(lists, batch, strict=True) if t.item_known]
        return bpr(counted)

    def loss_2(self, batch: Sequence[Example]) -> float:
        """L_II (eq. 19)."""
        lists = self._lists(
            self.logits_2, batch, lambda t: [(t.u, t.i, p) for p in (t.p, *t.other_people)]
        )
        counted = [row for row, t in zip(lists, batch, strict=True) if t.participant_known]
        return bpr(counted)

    def auxiliary_1(self, batch: Sequence[Example]) -> float:
        """L'_I (eq. 21): (u, i, p) and every (u, i, p') are relevant, the (u, i', p) are not (eq. 20)."""
        size = self.corrupted

        def triples(t: Example) -> list[Triple]:
            return [
                (t.u, t.i, t.p),
                *((t.u, t.i, p) for p in t.other_people[:size]),
                *((t.u, i, t.p) for i in t.other_items[:size]),
            ]

        lists = self._lists(self.logits_1, batch, triples)
        losses = [
            -np.log(softmax(row)[: 1 + size]).mean()
            for row, t in zip(lists, batch, strict=True)
            if t.item_known and t.participant_known
        ]
        return float(np.mean(losses))

    def auxiliary_2(self, batch: Sequence[Example]) -> float:
        """L'_II (eq. 24): the true participant for the true item against the same one for other items."""
        true = self._lists(
            self.logits_2, batch, lambda t: [(t.u, t.i, p) for p in (t.p, *t.other_people)]
        )
        swapped = self._lists(
            self.logits_2,
            batch,
            lambda t: [(t.u, i, t.p) for i in t.other_items[: self.corrupted]],
        )
        counted = [
            np.concatenate([right[:1], wrong])
            for right, wrong, t in zip(true, swapped, batch, strict=True)
            if t.item_known and t.participant_known
        ]
        return bpr(counted)

    def _lists(
        self,
        logits: Callable[[Sequence[Triple], bool], Array],
        batch: Sequence[Example],
        triples: Callable[[Example], Sequence[Triple]],
    ) -> list[Array]:
        """The logits of each example's triples; all examples are one mini-batch."""
        lists = [triples(example) for example in batch]
        flat = logits([triple for row in lists for triple in row], True)
        return np.split(flat, np.cumsum([len(row) for row in lists])[:-1])


def bpr(lists: Sequence[Array]) -> float:
    """-log sigma(r - r') over all pairs of a list's first and each other, with r the sigmoid of a logit."""
    pairs = [sigmoid(row[0]) - sigmoid(wrong) for row in lists for wrong in row[1:]]
    return float(np.mean(-np.log(sigmoid(np.array(pairs)))))
