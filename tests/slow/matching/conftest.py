"""The knowledge and the indexes of `tests/matching`."""

from tests.matching.conftest import cache, index, knowledge, plain

__all__ = ["cache", "index", "knowledge", "plain"]
