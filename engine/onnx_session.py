"""The head of a task as ONNX: on which device it runs, and how candidates go through it in batches."""

import contextlib
import copy
import ctypes
import io
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from threading import Lock

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from db.logs import Query
from engine.bundle.files import Roles

Positions = NDArray[np.int64]

ROWS = 512  # candidates in one run on CPUs: what the experts make of them stays in a core's cache
RUNS_PER_THREAD = 128  # runs of one candidate that a thread takes at a time


@dataclass(frozen=True)
class HeadOutputs:
    """All outputs of the head for K candidates."""

    score: NDArray[np.float32]  # [K]
    gate: NDArray[np.float32]  # [K, experts]
    attention: NDArray[np.float32]  # [K, experts, heads, tokens, tokens]


class OnnxHead:
    """The onnxruntime sessions of one task and the role vectors that they are fed with; threads may share it.

    One session gives scores alone and ranks everybody. The other one gives gates and attention as well; it is loaded
    when it is first used, because few need it. The operators are small, so each thread takes whole runs instead of
    sharing every operator.
    """

    def __init__(
        self,
        ranking: bytes,
        read_explaining: Callable[[], bytes],
        tokens: int,
        roles: Roles,
        threads: Executor,
    ) -> None:
        """Loads the graph ``ranking``, and ``read_explaining()`` later on.

        Raises the errors of onnxruntime for content that is not a graph.
        """
        self._ranking = _session(ranking)
        self._read_explaining, self._lock = read_explaining, Lock()
        self._threads = threads
        self._provider = str(self._ranking.get_providers()[0])
        self._tokens = tokens
        self._roles = roles

    def with_roles(self, roles: Roles) -> "OnnxHead":
        """The same sessions over other users and items; positions are those of ``roles`` then."""
        other = copy.copy(self)
        other._roles = roles
        return other

    @cached_property
    def _explaining(self) -> onnxruntime.InferenceSession:
        with self._lock:
            if "_explaining" in self.__dict__:  # another thread was faster
                return self.__dict__["_explaining"]
            session = self.__dict__["_explaining"] = _session(self._read_explaining())
            return session

    @property
    def provider(self) -> str:
        """Where the head runs: ``CUDAExecutionProvider`` or ``CPUExecutionProvider``."""
        return self._provider

    def scores(
        self,
        query: Query,
        candidates: Positions,
        evidence: NDArray[np.float32],
        without: int | None = None,
    ) -> NDArray[np.float32]:
        """The logits [K] of candidates [K] with evidence [K, E] for one query.

        ``without`` is the index of a token that is replaced by its average.
        """
        if not len(candidates):
            return np.empty(0, np.float32)  # a reshape in the graph fails on an empty list
        # A GPU is kept busy by all of them at once.
        rows = ROWS if self.provider == "CPUExecutionProvider" else len(candidates)

        def run(start: int) -> NDArray[np.float32]:
            part = slice(start, start + rows)
            feeds = self._feeds(query, candidates[part], evidence[part], without)
            session = self._ranking if without is None else self._explaining
            return np.asarray(_run(session, ["score"], feeds)[0], np.float32)

        if len(candidates) <= rows:
            return run(0)
        return np.concatenate(list(self._threads.map(run, range(0, len(candidates), rows))))

    def scores_of_item(
        self, item: int, initiators: Positions, evidence: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """The logits [N] of one candidate of Task I for initiators [N] with evidence [N, E], by a run for each."""
        candidate = np.array([item], np.int64)

        def run(start: int) -> list[float]:
            return [
                float(self.scores(Query(int(initiators[k])), candidate, evidence[k : k + 1])[0])
                for k in range(start, min(start + RUNS_PER_THREAD, len(initiators)))
            ]

        parts = self._threads.map(run, range(0, len(initiators), RUNS_PER_THREAD))
        return np.fromiter(chain.from_iterable(parts), np.float32, len(initiators))

    def gates(
        self, query: Query, candidates: Positions, evidence: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """The gate's weights [K, experts] for a few candidates."""
        feeds = self._feeds(query, candidates, evidence)
        return np.asarray(_run(self._explaining, ["gate"], feeds)[0], np.float32)

    def outputs(
        self, query: Query, candidates: Positions, evidence: NDArray[np.float32]
    ) -> HeadOutputs:
        """Score, gate and attention of a few candidates."""
        feeds = self._feeds(query, candidates, evidence)
        return HeadOutputs(*_run(self._explaining, ["score", "gate", "attention"], feeds))

    def _feeds(
        self,
        query: Query,
        candidates: Positions,
        evidence: NDArray[np.float32],
        without: int | None = None,
    ) -> dict[str, NDArray[np.generic]]:
        kept = np.ones(self._tokens, np.float32)
        if without is not None:
            kept[without] = 0
        feeds: dict[str, NDArray[np.generic]] = {"evidence": evidence, "kept": kept}
        if query.item is not None:
            feeds["item"] = self._roles.items[query.item : query.item + 1]
        table = self._roles.items if query.item is None else self._roles.users
        return feeds | {
            "initiator": self._roles.users[query.initiator : query.initiator + 1],
            "candidates": _rows(table, candidates),
        }


def _rows(table: NDArray[np.float32], rows: Positions) -> NDArray[np.float32]:
    """These rows of a table; consecutive ones, as in a ranking of all candidates, are not copied."""
    first = int(rows[0])
    if np.array_equal(rows, np.arange(first, first + len(rows))):
        return table[first : first + len(rows)]
    return np.asarray(table[rows])


def _run(
    session: onnxruntime.InferenceSession, outputs: list[str], feeds: dict[str, NDArray[np.generic]]
) -> list[NDArray[np.float32]]:
    """The outputs; feeds that are no inputs of the graph are left out."""
    inputs = {entry.name: feeds[entry.name] for entry in session.get_inputs()}
    return list(session.run(outputs, inputs))


def _session(content: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4  # failures are raised anyway
    return onnxruntime.InferenceSession(content, options, providers=_providers())


def _providers() -> list[str | tuple[str, dict[str, str]]]:
    """The CPU, and CUDA if a driver finds a GPU: asking for CUDA elsewhere fills stderr with errors."""
    providers: list[str | tuple[str, dict[str, str]]] = ["CPUExecutionProvider"]
    if "CUDAExecutionProvider" in onnxruntime.get_available_providers() and _gpu_count():
        onnxruntime.set_default_logger_severity(4)
        # The libraries may be in site-packages. What is printed about missing ones is no failure: the session runs on
        # the CPU then, and ``provider`` says so.
        with contextlib.redirect_stdout(io.StringIO()):
            onnxruntime.preload_dlls()
        # Full float32: the scores of canaries agree to 1e-4 on every machine.
        providers.insert(0, ("CUDAExecutionProvider", {"use_tf32": "0"}))
    return providers


def _gpu_count() -> int:
    """How many GPUs the CUDA driver sees; 0 without a driver."""
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return 0
    count = ctypes.c_int(0)
    if driver.cuInit(0) or driver.cuDeviceGetCount(ctypes.byref(count)):
        return 0
    return count.value
