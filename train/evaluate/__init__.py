"""Ranking metrics: negative sampling, sampled and full ranking, bootstrap confidence intervals."""
