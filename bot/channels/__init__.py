"""Networks: each a package, and what they share."""
