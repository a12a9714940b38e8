"""Training: graphs, model, losses, trainer, evaluation, ONNX export. The only package that imports torch."""

import db.no_telemetry  # noqa: F401 - before onnxruntime
