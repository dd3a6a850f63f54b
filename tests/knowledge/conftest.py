"""The folder whose files the tests of edits change."""

from pathlib import Path

import pytest

from tests.knowledge.editing import FILE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (folder := tmp_path / "knowledge").mkdir()
    (folder / "formations.yaml").write_text(FILE, encoding="utf-8")
    return folder
