"""What the Campaign and Open groups pages are made of: several groups at once, whom each invites."""
