"""YAML as people type it: every scalar stays text, every fault gets a line and a sentence that says how to mend it."""

from bot.knowledge.yaml.problems import Document, Faulty, Problem
from bot.knowledge.yaml.reader import load, read
from bot.knowledge.yaml.validation import explain

__all__ = ["Document", "Faulty", "Problem", "explain", "load", "read"]
