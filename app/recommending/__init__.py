"""What the Recommend page is made of: whom and what to choose, ranked lists, whether a group fills."""
