"""Readers of messages, with the encoder and without it."""

import pytest

from bot.reading.model import shipped_model
from bot.reading.read import Reader


@pytest.fixture(params=["encoder", "n-grams"])
def reader(request: pytest.FixtureRequest, encoding_reader: Reader) -> Reader:
    return encoding_reader if request.param == "encoder" else Reader(shipped_model(), None)
