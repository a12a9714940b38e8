"""A task's ONNX graph: where it runs, and how rows of candidates go through it."""

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

from engine.bundle.roles import Roles

Positions = NDArray[np.int64]

ROWS = 512  # candidates in one run: what the experts make of them stays in a core's cache
TURNS = 128  # runs of one candidate that a thread takes at a time


@dataclass(frozen=True)
class Inside:
    """What the graph answers besides the score, for N candidates."""

    score: NDArray[np.float32]  # [N]
    gate: NDArray[np.float32]  # [N, experts]
    attention: NDArray[np.float32]  # [N, experts, heads, tokens, tokens]


class Graph:
    """The onnxruntime sessions of one task, and the role vectors that they are fed with; threads may share them.

    One session gives scores alone and ranks everybody. The other also tells what goes on inside; few ask for that,
    so it is loaded when it is first needed. Operators are small, so threads take whole runs of candidates rather
    than share each operator.
    """

    def __init__(
        self,
        ranking: bytes,
        inside: Callable[[], bytes],
        tokens: int,
        roles: Roles,
        threads: Executor,
    ) -> None:
        """Load the graph in ``ranking``, and later that of ``inside()``; onnxruntime raises its own errors."""
        self._ranking = _session(ranking)
        self._read_inside, self._lock = inside, Lock()
        self._threads = threads
        self._provider = str(self._ranking.get_providers()[0])
        self._tokens = tokens
        self._roles = roles

    def with_roles(self, roles: Roles) -> "Graph":
        """The same sessions over other people and items; positions are then those of ``roles``."""
        moved = copy.copy(self)
        moved._roles = roles
        return moved

    @cached_property
    def _inside(self) -> onnxruntime.InferenceSession:
        with self._lock:
            if "_inside" in self.__dict__:  # another thread was quicker
                return self.__dict__["_inside"]
            session = self.__dict__["_inside"] = _session(self._read_inside())
            return session

    @property
    def provider(self) -> str:
        """Where it really runs, ``CUDAExecutionProvider`` or ``CPUExecutionProvider``."""
        return self._provider

    def scores(
        self,
        initiator: int,
        item: int | None,
        candidates: Positions,
        evidence: NDArray[np.float32],
        without: int | None = None,
    ) -> NDArray[np.float32]:
        """The logits [N] of candidates [N] with evidence [N, E] for one query.

        Task I has no ``item``. ``without`` takes one token away: its average stands in its place.
        """
        if not len(candidates):
            return np.empty(0, np.float32)  # a reshape in the graph knows no empty list
        rows = self._rows(len(candidates))

        def run(start: int) -> NDArray[np.float32]:
            part = slice(start, start + rows)
            feeds = self._feeds(initiator, item, candidates[part], evidence[part], without)
            session = self._ranking if without is None else self._inside
            return np.asarray(_run(session, ["score"], feeds)[0], np.float32)

        if len(candidates) <= rows:
            return run(0)
        return np.concatenate(list(self._threads.map(run, range(0, len(candidates), rows))))

    def each(
        self, initiators: Positions, candidate: int, evidence: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """The logits [N] of one candidate of Task I for initiators [N] with evidence [N, E]: a run for each."""
        alone = np.array([candidate], np.int64)

        def run(start: int) -> list[float]:
            return [
                float(self.scores(int(initiators[k]), None, alone, evidence[k : k + 1])[0])
                for k in range(start, min(start + TURNS, len(initiators)))
            ]

        parts = self._threads.map(run, range(0, len(initiators), TURNS))
        return np.fromiter(chain.from_iterable(parts), np.float32, len(initiators))

    def _rows(self, candidates: int) -> int:
        """How many go into one run: all of them at once keep a GPU busy."""
        return ROWS if self.provider == "CPUExecutionProvider" else max(candidates, 1)

    def gates(
        self,
        initiator: int,
        item: int | None,
        candidates: Positions,
        evidence: NDArray[np.float32],
    ) -> NDArray[np.float32]:
        """The gate's weights [N, experts] for a few candidates."""
        feeds = self._feeds(initiator, item, candidates, evidence, None)
        return np.asarray(_run(self._inside, ["gate"], feeds)[0], np.float32)

    def inside(
        self,
        initiator: int,
        item: int | None,
        candidates: Positions,
        evidence: NDArray[np.float32],
    ) -> Inside:
        """Everything the graph tells of a few candidates."""
        feeds = self._feeds(initiator, item, candidates, evidence, None)
        return Inside(*_run(self._inside, ["score", "gate", "attention"], feeds))

    def _feeds(
        self,
        initiator: int,
        item: int | None,
        candidates: Positions,
        evidence: NDArray[np.float32],
        without: int | None,
    ) -> dict[str, NDArray[np.generic]]:
        kept = np.ones(self._tokens, np.float32)
        if without is not None:
            kept[without] = 0
        feeds: dict[str, NDArray[np.generic]] = {"evidence": evidence, "kept": kept}
        if item is not None:
            feeds["item"] = self._roles.items[item : item + 1]
        theirs = self._roles.items if item is None else self._roles.users
        return feeds | {
            "initiator": self._roles.users[initiator : initiator + 1],
            "candidates": _rows_of(theirs, candidates),
        }


def _rows_of(table: NDArray[np.float32], rows: Positions) -> NDArray[np.float32]:
    """These rows of a table; those that follow each other, as in a ranking of all, are not copied."""
    first = int(rows[0])
    if np.array_equal(rows, np.arange(first, first + len(rows))):
        return table[first : first + len(rows)]
    return np.asarray(table[rows])


def _run(
    session: onnxruntime.InferenceSession, outputs: list[str], feeds: dict[str, NDArray[np.generic]]
) -> list[NDArray[np.float32]]:
    """The outputs; what the graph does not ask for is left out."""
    asked = {entry.name: feeds[entry.name] for entry in session.get_inputs()}
    return list(session.run(outputs, asked))


def _session(content: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4  # what goes wrong comes as an exception
    return onnxruntime.InferenceSession(content, options, providers=_providers())


def _providers() -> list[str | tuple[str, dict[str, str]]]:
    """CUDA only where a driver finds a GPU: asking for it elsewhere fills stderr with errors."""
    providers: list[str | tuple[str, dict[str, str]]] = ["CPUExecutionProvider"]
    if "CUDAExecutionProvider" in onnxruntime.get_available_providers() and _gpus():
        onnxruntime.set_default_logger_severity(4)
        # The libraries may lie in site-packages. What it prints of those missing is no failure: the
        # session then runs on the CPU, and ``provider`` says so.
        with contextlib.redirect_stdout(io.StringIO()):
            onnxruntime.preload_dlls()
        # Full float32: the canary scores hold to 1e-4 on every machine.
        providers.insert(0, ("CUDAExecutionProvider", {"use_tf32": "0"}))
    return providers


def _gpus() -> int:
    """How many GPUs the CUDA driver sees; 0 where there is no driver."""
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return 0
    count = ctypes.c_int(0)
    if driver.cuInit(0) or driver.cuDeviceGetCount(ctypes.byref(count)):
        return 0
    return count.value
