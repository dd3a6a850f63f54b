"""Text as people type it: folded, cut into words, in two languages."""
