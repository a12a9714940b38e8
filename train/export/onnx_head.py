"""A head as onnxruntime runs it: ranking everybody takes half as long as in torch."""

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray

from db.settings import settings
from train.export.onnx import Head, served_roles, write_onnx
from train.nn.embeddings import Views
from train.nn.network import Network
from train.nn.tokens import evidence_columns, token_inputs

ROWS = 512  # candidates in one run: what the experts make of them stays in a core's cache


class RankingHead:
    """One task of a network that has learned, over the role vectors of one world."""

    def __init__(self, network: Network, task: str, views: Views) -> None:
        """``views`` are those of the one world, [1, rows, d]."""
        config = network.config
        tokens, columns = len(token_inputs(config)[task]), evidence_columns(config, task)
        # What stands in for a token that is taken away: none is, where only scores are asked for.
        nothing = [torch.zeros(1, 1, 1)] * tokens
        head = Head(network, task, views, nothing).eval()
        self.roles = served_roles(views)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # whole runs are shared out, not the small steps of one
        options.log_severity_level = 3
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "head.onnx"
            write_onnx(head, self.roles, tokens, columns, path, scores_only=True)
            self._session = onnxruntime.InferenceSession(
                path.read_bytes(), options, providers=["CPUExecutionProvider"]
            )
        self._inputs = [entry.name for entry in self._session.get_inputs()]

    def scores(
        self, initiator: int, item: int | None, facts: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """The logits [N] of one query's candidates 0 to N - 1 with their ``facts`` [N, E]."""
        theirs = self.roles.items if item is None else self.roles.users
        same = {"initiator": self.roles.users[initiator : initiator + 1]}
        if item is not None:
            same["item"] = self.roles.items[item : item + 1]

        def run(part: slice) -> NDArray[np.float32]:
            fed = same | {"candidates": theirs[part], "evidence": facts[part]}
            (found,) = self._session.run(None, {name: fed[name] for name in self._inputs})
            return np.asarray(found, np.float32)

        with ThreadPoolExecutor(settings().threads) as pool:
            return np.concatenate(list(pool.map(run, _parts(len(facts)))))


def _parts(rows: int) -> Iterator[slice]:
    for start in range(0, rows, ROWS):
        yield slice(start, min(start + ROWS, rows))
