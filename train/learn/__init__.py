"""How the network learns: steps on cores and on a GPU, evaluations, checkpoints."""
