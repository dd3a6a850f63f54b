"""The knowledge and the indexes of `tests/matching`."""

from tests.matching.conftest import index, knowledge, plain

__all__ = ["index", "knowledge", "plain"]
