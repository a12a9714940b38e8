"""From a trained network to a bundle: validation metrics, calibration, ONNX graphs, manifest."""
