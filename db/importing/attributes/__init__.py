"""Files of items and of users, a row each: recognised, read, validated and collected."""
