"""Queries of the store for the pages and the engine."""
