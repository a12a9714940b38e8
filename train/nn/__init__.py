"""The network: tokens, attention, experts, gates, towers and losses (section 3 of the paper)."""
