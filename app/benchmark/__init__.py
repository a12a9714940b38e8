"""The benchmark and the sweeps as parts of the Evaluation page, from the files that ``train`` wrote."""
