"""Concierge: recognises the questions that a network's members keep asking, and answers with links."""

__version__ = "0.1.0"
