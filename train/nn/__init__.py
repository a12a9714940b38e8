"""The network (section 3 of the paper): tokens, attention, experts, gates, towers and losses."""
