"""Serving: loads a bundle, ranks items and participants, explains. onnxruntime, never torch."""

import db.no_telemetry  # noqa: F401 - before onnxruntime
