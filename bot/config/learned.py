"""What `concierge learn` has learned from the network: its file beside the settings, `<their name>.learned.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, FiniteFloat, ValidationError

from bot.channels.fields import Section
from bot.config.types import Probability
from bot.knowledge.yaml.problems import Problem
from bot.locale import system_reason
from bot.matching.confidence_correction import Correction

VERSION = 1
WORDS_ALONE = "none"  # the encoder's name where there is none


class LearnedCorrection(Section):
    slope: Annotated[FiniteFloat, Field(gt=0, le=20)]
    offset: Annotated[FiniteFloat, Field(ge=-20, le=20)]


class LearnedThresholds(Section):
    """None: not learned, since the settings named it."""

    confident: Probability | None
    overheard: Probability | None


class LearnedShares(Section):
    """Of the messages that are answered rightly, and of the answers that are right (None: there are none)."""

    answered: Probability
    precision: Probability | None


class LearnedComparison(Section):
    before: LearnedShares
    after: LearnedShares


class Learned(Section):
    """The file's content. No message and no entry stands in it."""

    version: int = VERSION
    encoder: str
    learned: date
    messages: Annotated[int, Field(ge=0)]
    correction: LearnedCorrection
    thresholds: LearnedThresholds
    shares: Mapping[str, LearnedComparison] = {}

    @property
    def as_correction(self) -> Correction:
        return Correction(self.correction.slope, self.correction.offset)

    def threshold(self, name: str) -> float | None:
        value: float | None = getattr(self.thresholds, name)
        return value

    def as_text(self) -> str:
        return self.model_dump_json(indent=2) + "\n"


def learned_file(settings_file: Path) -> Path:
    return settings_file.with_name(f"{settings_file.stem}.learned.json")


def read_learned(settings_file: Path, semantic: bool, encoder: Path | None = None) -> Learned | Problem | None:
    """None: there is no file. A problem: it cannot be used; then the shipped confidence is."""
    file = learned_file(settings_file)
    try:
        raw = json.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return None
    except OSError as error:
        return _problem(file, "unreadable", reason=system_reason(error))
    except (ValueError, RecursionError):
        return _problem(file, "broken")
    return _foreign(raw, file, encoder_name(semantic, encoder)) or _validated(raw, file)


def encoder_name(semantic: bool, folder: Path | None) -> str:
    """Of the encoder that the confidence is computed with: with another one it means something else."""
    if not semantic:
        return WORDS_ALONE
    from bot.encoder import EncoderError
    from bot.matching.encoder_folder import encoder_name as name_of

    try:
        return name_of(folder)
    except EncoderError:  # a problem of its own, which the start and the doctor tell
        return str(folder)


def _foreign(raw: Any, file: Path, encoder: str) -> Problem | None:
    """Said before the rest is looked at: another version may look otherwise."""
    if not isinstance(raw, dict):
        return _problem(file, "broken")
    if raw.get("version") != VERSION:
        return _problem(file, "other_version")
    return _problem(file, "other_encoder", encoder=encoder) if raw.get("encoder") != encoder else None


def _validated(raw: Any, file: Path) -> Learned | Problem:
    try:
        return Learned.model_validate(raw)
    except ValidationError:
        return _problem(file, "broken")


def _problem(file: Path, key: str, **values: object) -> Problem:
    return Problem(str(file), 0, f"learned_{key}", values, warning=True)
