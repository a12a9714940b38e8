"""Serving: loads a bundle, ranks items and participants, explains. onnxruntime, never torch."""
