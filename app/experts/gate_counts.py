"""Counting the gates of a model once, however many sessions ask, and however often they leave.

A thread of the server counts, not a session's script: whoever clicks elsewhere does not stop it, and whoever comes
later waits for the same count. What was counted is kept beside the model; a count whose file cannot be written is
still shown, and lasts as long as the server.
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

REMEMBERED = 4  # counts in memory: two versions side by side, in two sessions


@dataclass
class GateCount:
    """One count as it goes on; its thread writes, sessions read."""

    share: float = 0.0  # that is done
    started: float = field(default_factory=monotonic)
    done: Event = field(default_factory=Event)
    gates: ShopGates | None = None  # there when it is done, unless it failed
    error: Message | None = None  # why it failed
    save_error: Term | None = None  # why it could not be written

    def seconds_left(self) -> float | None:
        """Seconds still to go as far as can be told, ``None`` at the beginning."""
        return (monotonic() - self.started) * (1 / self.share - 1) if self.share > 0.05 else None


class GateCounter:
    """All counts of this server: at most one for each model and state of the logs, one at a time."""

    def __init__(self) -> None:
        self._lock, self._working = Lock(), Lock()
        self._counts: OrderedDict[tuple[str, str, str], GateCount] = OrderedDict()

    def ask(
        self, store: Store, models: Path, version: str, data: str, recommender: Recommender | None
    ) -> GateCount:
        """The count of ``version`` over the logs ``data``: kept, going on, or begun by this call.

        ``recommender`` answers where it is of this version; any other is opened for the count alone and let go.
        """
        key = (str(models), version, f"{store.place} {data}")
        with self._lock:
            known = self._counts.get(key)
            if known is not None and not known.error:
                self._counts.move_to_end(key)
                return known
            count = self._counts[key] = GateCount()
            while len(self._counts) > REMEMBERED:
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
                # Another process, or a count that was forgotten here, may have been quicker.
                count.gates = load_gates(models / version, data)
                if count.gates is not None:
                    return
                count.started = monotonic()
                logs = read_logs(store)
                asked = recommender or Recommender.open(store, version, models)
                count.gates = count_gates(asked, logs, report)
                if logs.version == data:  # else an import came between: shown, and not kept
                    count.save_error = _keep(models / version, data, count.gates)
        except (EngineError, StoreError) as error:
            count.error = error.message
        except Exception as error:
            count.error = Message(
                "app.count_failed", {"error": type(error).__name__, "reason": str(error)}
            )
            raise  # the server's log has the trace
        finally:
            count.done.set()


def _keep(folder: Path, data: str, gates: ShopGates) -> Term | None:
    """Writes the gates beside the model; returns why, where that failed."""
    try:
        save_gates(folder, data, gates)
    except OSError as error:
        return os_error(error)
    return None


@st.cache_resource(show_spinner=False)
def gate_counter() -> GateCounter:
    """The one counter of this server."""
    return GateCounter()
