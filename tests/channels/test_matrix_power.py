"""What power a user has, from a room's state."""

from __future__ import annotations

from typing import Any

import pytest

from bot.channels.matrix import permissions

ANA = "@ana:example.org"
LEVELS = {"users": {ANA: 50}, "users_default": 5}


@pytest.mark.parametrize(
    ("version", "extra", "levels", "user", "expected"),
    [
        ("10", {}, LEVELS, ANA, 50),
        ("10", {}, LEVELS, "@bea:example.org", 5),
        ("10", {}, LEVELS, "@owner:example.org", 5),
        ("10", {}, {"users": {"@owner:example.org": 100}}, "@owner:example.org", 100),
        ("10", {}, {}, ANA, 0),
        ("10", {}, None, "@owner:example.org", 100),
        ("10", {}, None, ANA, 0),
        ("1", {}, {"users": {ANA: "50"}}, ANA, 50),
        ("1", {}, {"users": {ANA: "much"}}, ANA, 0),
        ("12", {}, LEVELS, "@owner:example.org", permissions.CREATOR_POWER),
        ("12", {"additional_creators": [ANA]}, {}, ANA, permissions.CREATOR_POWER),
        ("12", {}, LEVELS, ANA, 50),
        ("12", {}, None, "@owner:example.org", permissions.CREATOR_POWER),
        ("13", {}, LEVELS, "@owner:example.org", permissions.CREATOR_POWER),
        ("11", {"additional_creators": [ANA]}, {}, ANA, 0),
        (None, {}, LEVELS, "@owner:example.org", 5),
    ],
)
def test_power_from_levels_and_creators(
    version: str | None, extra: dict[str, Any], levels: dict[str, Any] | None, user: str, expected: int
) -> None:
    creation = {"sender": "@owner:example.org", "content": {"room_version": version} | extra}
    assert permissions.compute_power_level(creation, levels, user) == expected
