"""Small exports as real back offices write them, each with what has to lie in the store afterwards: a file a kind."""
