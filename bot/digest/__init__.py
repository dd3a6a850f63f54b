"""The weekly post: when it is due, what it is made of, and that it is posted once."""
