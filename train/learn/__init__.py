"""Training a network: steps on CPU cores and on a GPU, evaluations, early stopping, checkpoints."""
