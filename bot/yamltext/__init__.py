"""YAML as people type it: every scalar stays text, every fault gets a line and a sentence that says how to mend it."""

from bot.yamltext.document import Document
from bot.yamltext.loading import load
from bot.yamltext.problem import Faulty, Problem
from bot.yamltext.reading import read
from bot.yamltext.shapes import faults

__all__ = ["Document", "Faulty", "Problem", "faults", "load", "read"]
