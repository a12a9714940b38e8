"""Counting the gates of a model once, however many sessions ask and however often they leave.

A thread of the server counts, not a session's script, so leaving the page does not stop it and later visitors wait
for the same count. The result is saved beside the model. Where it cannot be, it lasts as long as the server.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock, Thread
from time import monotonic

import streamlit as st

from db.errors import EngineError, StoreError
from db.messages import Message, Term, os_error
from db.read_logs import read_logs
from db.store import Store
from engine.gates import ShopGates, count_gates, load_gates, save_gates
from engine.recommender import Recommender

MAX_COUNTS = 4  # in memory: two versions side by side, in two sessions


@dataclass
class GateCount:
    """One count in progress or done; its thread writes, sessions read."""

    share: float = 0.0  # done so far
    started: float = field(default_factory=monotonic)
    done: Event = field(default_factory=Event)
    gates: ShopGates | None = None  # set when it is done, unless it failed
    error: Message | None = None  # why it failed
    save_error: Term | None = None  # why it could not be written

    def seconds_left(self) -> float | None:
        """The estimated seconds left; ``None`` at the beginning."""
        return (monotonic() - self.started) * (1 / self.share - 1) if self.share > 0.05 else None


class GateCounter:
    """All counts of this server: one per model and data version, run one at a time."""

    def __init__(self) -> None:
        self._lock, self._working = Lock(), Lock()
        self._counts: OrderedDict[tuple[str, str, str], GateCount] = OrderedDict()

    def request(
        self, store: Store, models: Path, version: str, data: str, recommender: Recommender | None
    ) -> GateCount:
        """The count of ``version`` over the data version ``data``: saved, running, or started by this call.

        ``recommender`` is the model, where it is open; otherwise it is opened for the count alone.
        """
        key = (str(models), version, f"{store.place} {data}")
        with self._lock:
            known = self._counts.get(key)
            if known is not None and not known.error:
                self._counts.move_to_end(key)
                return known
            count = self._counts[key] = GateCount()
            while len(self._counts) > MAX_COUNTS:
                self._counts.popitem(last=False)
        count.gates = load_gates(models / version, data)
        if count.gates is not None:
            count.done.set()
            return count
        arguments = (count, store, models, version, data, recommender)
        Thread(target=self._work, args=arguments, name=f"gates of {version}", daemon=True).start()
        return count

    def _work(
        self,
        count: GateCount,
        store: Store,
        models: Path,
        version: str,
        data: str,
        recommender: Recommender | None,
    ) -> None:
        def report(share: float) -> None:
            count.share = share

        try:
            with self._working:
                # Another process, or a count that this one has dropped, may have saved it meanwhile.
                count.gates = load_gates(models / version, data)
                if count.gates is not None:
                    return
                count.started = monotonic()
                logs = read_logs(store)
                model = recommender or Recommender.open(store, version, models)
                count.gates = count_gates(model, logs, report)
                if logs.version == data:  # otherwise an import came between: shown, but not saved
                    count.save_error = _save(models / version, data, count.gates)
        except (EngineError, StoreError) as error:
            count.error = error.message
        except Exception as error:
            count.error = Message(
                "app.count_failed", {"error": type(error).__name__, "reason": str(error)}
            )
            raise  # the server's log has the trace
        finally:
            count.done.set()


def _save(folder: Path, data: str, gates: ShopGates) -> Term | None:
    """Writes the gates beside the model; returns why, where that failed."""
    try:
        save_gates(folder, data, gates)
    except OSError as error:
        return os_error(error)
    return None


@st.cache_resource(show_spinner=False)
def gate_counter() -> GateCounter:
    """The server's counter."""
    return GateCounter()
