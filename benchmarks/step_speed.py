"""How long a step of the training takes on this machine, a thread a task and with threads that share each product.

    python -m benchmarks.step_speed

Over the logs of the store that the settings name, in the preset default but for its folds and its validation lists,
which a step does not know. A demo shop gives the figures of a large one: a step has as many groups in either.
"""

import os
import time
from collections.abc import Callable

# As a training has it: threads that wait sleep. Read by OpenMP when torch is loaded, hence before all imports.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch

from db.read_logs import read_logs
from db.settings import settings
from db.store import Store
from engine.model_settings import preset
from train.evaluate.sampled_ranking import draw_candidate_lists
from train.learn.fit_network import build_network
from train.learn.learner import MamgbrLearner
from train.learn.parallel_tasks import ParallelTasks
from train.nn.losses import backpropagate
from train.prepare.dataset import build_dataset
from train.prepare.splits import split_groups
from train.progress import ignore_progress

ROUNDS, STEPS = 3, 30
Put = dict[str, torch.Tensor]


def main() -> None:
    """Print a line for each way to take a step."""
    logs, config = read_logs(Store.open()), preset("default", ["folds=3", "validation_cap=500"])
    parts = split_groups(logs, config, 0)
    lists = draw_candidate_lists(logs, parts.validation[: config.validation_cap], 0)
    prepared = build_dataset(logs, config, parts, lists, 0, ignore_progress)
    network, place = build_network(prepared, config)
    learner = MamgbrLearner(
        network, config, prepared.examples, lists, prepared.facts, place, 0, torch.device("cpu")
    )
    batch = next(learner.batches(0))
    put = {name: torch.from_numpy(part) for name, part in vars(batch).items()}
    print(f"{len(batch)} groups a step, {1 + config.negatives} candidates each")
    print(f"{'':<28}{'ms a step':>10}{'ms of processor time':>22}")
    threads = settings().threads
    for name, used, step in (
        ("one thread", 1, lambda put: backpropagate(network.losses(put))),
        ("products shared", threads, lambda put: backpropagate(network.losses(put))),
        ("a thread a task", threads, ParallelTasks(network, threads).backward),
    ):
        torch.set_num_threads(used)
        took, spent = min(_timed(step, put, network) for _ in range(ROUNDS))
        print(f"{f'{name}, {used}':<28}{took:>10.1f}{spent:>22.1f}")


def _timed(step: Callable[[Put], Put], put: Put, network: torch.nn.Module) -> tuple[float, float]:
    """Milliseconds by the clock and of processor time, without the optimiser's part, which is the same for all."""
    began, spent = time.perf_counter(), time.process_time()
    for _ in range(STEPS):
        network.zero_grad()
        step(put)
    return (
        (time.perf_counter() - began) / STEPS * 1000,
        (time.process_time() - spent) / STEPS * 1000,
    )


if __name__ == "__main__":
    main()
