"""The benchmark and the sweeps on the Evaluation page, from the records that `python -m train` wrote."""
