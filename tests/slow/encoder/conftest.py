"""The knowledge of `tests/matching`."""

from tests.matching.conftest import knowledge

__all__ = ["knowledge"]
