"""How good a ranking is: wrong answers to draw, protocols, and figures with intervals."""
