"""What a model version's manifest says about its quality."""
