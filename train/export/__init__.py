"""From a trained network to a bundle that serves: what it is worth, calibration, ONNX graphs, checks, copies."""
