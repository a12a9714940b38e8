"""Training: graphs, model, losses, trainer, evaluation, ONNX export. The only package that imports torch."""
