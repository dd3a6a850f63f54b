"""Answers in rooms and on the forum lead to their pages, where there are any."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.app.clock import skewed_clock
from bot.app.networks import networks
from bot.config.loading import load
from bot.config.settings import WebSettings
from bot.knowledge.models import Entry, Knowledge, Link
from bot.locale import wording
from bot.replies import ForumReplies, Replies
from bot.text.renderers import to_html, to_plain_text
from tests.scene import ASKED, FORMATION, Scene

TODAY = date(2026, 11, 28)
ZONE = ZoneInfo("Europe/Paris")
PAGES = "https://reponses.example.org/r/{id}"
LINKED = Replies(wording("fr"), "Concierge", "!", ZONE, pages=PAGES)
PLAIN = Replies(wording("fr"), "Concierge", "!", ZONE)


def entry(id: str, **more: Any) -> Entry:
    return Entry(id=id, title=f"La *réponse* [{id}]", questions=("Où ?",), **{"answer": "Oui.", **more})


SHORT, HIDDEN = entry("courte"), entry("cachee", rooms=("comite",), public=False)
LONG = entry("longue", answer="Un lieu s’ouvre. On y vient. " + "On y apprend beaucoup. " * 10)
ALL = Knowledge({one.id: one for one in (SHORT, HIDDEN, LONG)})


def test_the_title_of_an_answer_leads_to_its_page() -> None:
    forum = ForumReplies(wording("fr"), "Concierge", "!", ZONE, pages=PAGES)
    for said in (
        LINKED.answer([SHORT], ALL, TODAY),
        forum.answer([SHORT], ALL, TODAY),
        LINKED.short([SHORT], None, TODAY),
        LINKED.suggest([SHORT], ALL, TODAY),
        LINKED.overheard([SHORT], ALL, TODAY),
    ):
        assert '<strong><a href="https://reponses.example.org/r/courte">La *réponse* [courte]</a></strong>' in to_html(
            said
        )


def test_a_hidden_answer_leads_to_none() -> None:
    assert LINKED.answer([HIDDEN], ALL, TODAY) == PLAIN.answer([HIDDEN], ALL, TODAY)
    assert "reponses.example.org" not in LINKED.suggest([HIDDEN], ALL, TODAY)


def test_a_brief_answer_offers_to_read_it_all_on_its_page() -> None:
    said = to_plain_text(LINKED.answer([LONG], ALL, TODAY, is_brief=True))
    assert said.endswith(
        "La suite\u00a0: ➕, ou répondez «\u00a0plus\u00a0»\u00a0; tout lire (https://reponses.example.org/r/longue)."
    )
    hidden = LONG.model_copy(update={"public": False, "rooms": ("comite",)})
    assert "tout lire" not in LINKED.answer([hidden], ALL, TODAY, is_brief=True)
    assert "tout lire" not in LINKED.answer([LONG, SHORT], ALL, TODAY, is_brief=True)  # each title leads to its own


def test_a_long_answer_with_a_link_in_its_title_still_fits() -> None:
    huge = entry("enorme", answer="mot " * 5000, links=[Link(title="Ici", url="https://x.example/")])
    for pages in ("", PAGES, "https://" + "a" * 500 + ".example/r/{id}"):
        replies = Replies(wording("fr"), "Concierge", "!", ZONE, pages=pages)
        assert len(replies.answer([huge], ALL, TODAY).encode()) <= 8_000


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        ({}, ""),
        ({"pages": True}, ""),
        ({"pages": True, "public_url": "https://x.example/faq/"}, "https://x.example/faq/r/{id}"),
        ({"public_url": "https://x.example"}, "https://x.example/r/{id}.html"),  # a copy as files
    ],
)
def test_where_pages_are_is_known_from_the_settings(settings: dict[str, Any], address: str) -> None:
    assert WebSettings.model_validate(settings).page_address == address


async def test_a_room_gets_the_link(scene: Scene) -> None:
    scene.ruled(replies=LINKED)
    [reply] = await scene.say(f"concierge : {ASKED}")
    assert f"](https://reponses.example.org/r/{FORMATION.id})**" in reply.text


async def test_the_settings_of_a_bot_reach_its_replies(tmp_path: Path, scene: Scene) -> None:
    (tmp_path / "config.yaml").write_text(
        "matrix: {homeserver: http://127.0.0.1:1, user: '@c:x', rooms: ['!r:x']}\n"
        "web: {pages: true, public_url: https://x.example}\n",
        encoding="utf-8",
    )
    settings = load(tmp_path / "config.yaml", {"CONCIERGE_MATRIX_PASSWORD": "secret"})
    [network] = networks(settings, scene.store, skewed_clock())
    assert "](https://x.example/r/courte)" in network.replies.answer([SHORT], ALL, TODAY)
