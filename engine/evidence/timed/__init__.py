"""Evidence in time: what past groups say of a candidate as of any moment, recent ones weighing more."""
