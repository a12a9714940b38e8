"""How long a training step takes on this machine: with a thread for each task, and with threads that share products.

    python -m benchmarks.step_speed

Uses the logs of the configured store and the preset default, except for its folds and validation lists, which a step
does not depend on. A demo shop gives the numbers of a large one, because a step has the same number of groups.
"""

import os
import time

# As in a training, waiting threads sleep. OpenMP reads this when torch is loaded, hence before all imports.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch

from db.read_logs import read_logs
from db.settings import settings
from db.store import Store
from engine.presets import preset
from train.evaluate.sampled_ranking import validation_lists
from train.evaluate.splits import split_groups
from train.learn.fit_network import MamgbrLearner, build_network
from train.learn.steps import ParallelTasks, Step
from train.nn.losses import backpropagate
from train.nn.network import Batch, Network
from train.prepare.dataset import build_dataset
from train.training_run import TrainingRun

ROUNDS, STEPS = 3, 30


def main() -> None:
    """Print a line for each way to take a step."""
    logs = read_logs(Store.open())
    run = TrainingRun(preset("default", ["folds=3", "validation_cap=500"]))
    split = split_groups(logs, run.settings, 0)
    lists = validation_lists(logs, split, run.settings.validation_cap, 0)
    dataset = build_dataset(logs, split, lists, run)
    network, snapshot = build_network(dataset, run)
    learner = MamgbrLearner(network, dataset, run, snapshot, torch.device("cpu"))
    batch = next(learner.batches(0))
    arrays = {name: torch.from_numpy(part) for name, part in vars(batch).items()}
    print(f"{len(batch)} groups per step, {1 + run.settings.negatives} candidates each")
    print(f"{'':<28}{'ms per step':>12}{'ms of processor time':>22}")
    threads = settings().threads
    for name, used, step in (
        ("one thread", 1, lambda batch: backpropagate(network.losses(batch))),
        ("products shared", threads, lambda batch: backpropagate(network.losses(batch))),
        ("a thread a task", threads, ParallelTasks(network, threads).backward),
    ):
        torch.set_num_threads(used)
        took, spent = min(_timed(step, arrays, network) for _ in range(ROUNDS))
        print(f"{f'{name}, {used}':<28}{took:>12.1f}{spent:>22.1f}")


def _timed(step: Step, batch: Batch, network: Network) -> tuple[float, float]:
    """Milliseconds of wall-clock and of processor time, without the optimiser, which is the same for all."""
    began, spent = time.perf_counter(), time.process_time()
    for _ in range(STEPS):
        network.zero_grad()
        step(batch)
    return (
        (time.perf_counter() - began) / STEPS * 1000,
        (time.process_time() - spent) / STEPS * 1000,
    )


if __name__ == "__main__":
    main()
