"""`concierge propose`: a topic of the forum becomes a draft; a category is imported, or rehearsed."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.knowledge.library import Library
from bot.knowledge.models import Theme
from bot.knowledge.yaml.reader import load
from tests.forum import Forum
from tests.forum.state import Topic
from tests.running import FORMATION


async def propose(folder: Path, *arguments: str, **environment: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "propose", *arguments),
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])} | environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


@pytest.fixture
async def forum() -> AsyncIterator[Forum]:
    async with Forum() as forum:
        forum.category("formations")
        forum.category("equipe", "mia")
        yield forum


@pytest.fixture
def topic(forum: Forum) -> Topic:
    asked = "Bonjour à tous ! Quelle formation pour devenir fabmanager ? Combien coûte-t-elle ?"
    post = forum.say("ana", "formations", asked, title="Devenir fabmanager")
    forum.say("ben", post.topic, "Regardez [le DU](https://a.example/du), très bien.")
    forum.say("concierge", post.topic, "> Quelle formation ?\n\n[Une autre](https://b.example/)")
    for number in range(25):  # more than one page
        forum.say("cleo", post.topic, f"Et [la page {number}](https://c.example/{number}), à voir.")
    return post.topic


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "knowledge").mkdir()
    (tmp_path / "knowledge" / "formations.yaml").write_text(FORMATION, encoding="utf-8")
    return tmp_path


async def test_a_topic_is_shown_as_an_entry_with_all_its_links(forum: Forum, topic: Topic, folder: Path) -> None:
    code, out, err = await propose(folder, f"{forum.url}/t/devenir-fabmanager/{topic.id}/3")
    assert (code, err) == (0, "")
    found, _ = load(f"theme: T\nentries:\n{out}", "f", Theme)
    [entry] = found.entries
    assert (entry.id, entry.title) == ("devenir-fabmanager", "Devenir fabmanager")
    assert "Quelle formation pour devenir fabmanager ?" in entry.questions
    assert ("le DU", "https://a.example/du") in [(link.title, link.url) for link in entry.links]
    assert len(entry.links) == 27
    assert {"ben", "cleo"} <= set(entry.contacts)
    assert entry.source == f"fil du forum, {forum.url}/t/-/{topic.id}"
    assert [path.name for path in (folder / "knowledge").iterdir()] == ["formations.yaml"]


async def test_it_is_written_among_the_drafts_and_never_answered_with(forum: Forum, topic: Topic, folder: Path) -> None:
    settings = {"discourse": {"url": forum.url, "username": "concierge"}}
    (folder / "config.json").write_text(json.dumps(settings), encoding="utf-8")
    for id in ("devenir-fabmanager", "devenir-fabmanager-2"):
        code, out, err = await propose(
            folder, str(topic.id), "--write", "--config", "config.json", CONCIERGE_DISCOURSE_API_KEY=forum.key
        )
        assert (code, err) == (0, "")
        assert id in out
    drafts, _ = load((folder / "knowledge" / "brouillons.yaml").read_bytes(), "f", Theme)
    assert [entry.id for entry in drafts.entries] == ["devenir-fabmanager", "devenir-fabmanager-2"]
    assert drafts.entries[0].contacts == ("ben", "cleo")
    assert "https://b.example/" not in [link.url for link in drafts.entries[0].links]  # the bot's own answer
    known = Library(folder / "knowledge").load(datetime.now(UTC).date()).knowledge
    assert set(known.entries) == {"formation-facilitation", "fiche-de-poste"}


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        ("pas un sujet", 2, "ni l’adresse ni le numéro"),
        ("12", 2, "ne suffit pas"),
        ("{url}/t/-/99999", 1, "n’existe pas"),
        ("http://127.0.0.1:9/t/x/3", 1, "ne donne pas ce sujet"),
    ],
)
async def test_what_cannot_be_read_is_said_in_a_sentence(
    forum: Forum, folder: Path, given: str, code: int, said: str
) -> None:
    ended, out, err = await propose(folder, given.format(url=forum.url))
    assert (ended, out) == (code, "")
    assert said in err
    assert "Traceback" not in err


async def test_a_topic_that_only_members_may_read_is_not_shown_to_a_visitor(forum: Forum, folder: Path) -> None:
    hidden = forum.say("mia", "equipe", "Un sujet réservé à l’équipe, voilà.", title="Réservé à l’équipe")
    code, out, err = await propose(folder, f"{forum.url}/t/-/{hidden.topic.id}")
    assert (code, out) == (1, "")
    assert "réservé" not in err.casefold()


async def test_of_a_private_message_nothing_is_proposed(forum: Forum, folder: Path) -> None:
    topic = forum.message(
        "ana", "concierge", "Où trouver [le DU](https://a.example/du) ? Ne le dites à personne."
    ).topic
    settings = {"discourse": {"url": forum.url, "username": "concierge"}}
    (folder / "config.json").write_text(json.dumps(settings), encoding="utf-8")
    code, out, err = await propose(
        folder, str(topic.id), "--config", "config.json", CONCIERGE_DISCOURSE_API_KEY=forum.key
    )
    assert (code, out) == (1, "")
    assert "message privé" in err
    assert "personne" not in err


async def imported(folder: Path, *arguments: str) -> tuple[int, str, str]:
    return await ran(folder, "import", *arguments)


async def ran(folder: Path, *arguments: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *arguments),
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


async def test_a_whole_category_is_imported_as_drafts(forum: Forum, topic: Topic, folder: Path) -> None:
    forum.say("dora", "formations", "Personne n’a répondu ?", title="Sans réponse")
    other = forum.say("eve", "formations", "Où louer une scie ?", title="Louer une scie").topic
    forum.say("ben", other, "Je n’ai pas de lien.")
    (folder / "config.json").write_text('{"matching": {"semantic": false}}', encoding="utf-8")
    code, out, err = await imported(folder, f"{forum.url}/c/formations/{topic.category.id}")
    assert (code, err) == (0, "")
    assert f"sujet {other.id}" in out  # it has no link
    drafts = (folder / "knowledge" / "brouillons.yaml").read_text(encoding="utf-8")
    assert drafts.count("  - id:") == 1
    for text in ('title: "Devenir fabmanager"', "https://a.example/du", "https://c.example/24", f"/t/-/{topic.id}"):
        assert text in drafts


@pytest.mark.parametrize("path", ["/c/equipe/5", "/c/nowhere/9", "/latest"])
async def test_nothing_is_imported_of_what_not_everybody_may_read(forum: Forum, folder: Path, path: str) -> None:
    code, out, err = await imported(folder, f"{forum.url}{path}")
    assert (code, out) == (2, "")
    assert forum.url in err
    assert not (folder / "knowledge" / "brouillons.yaml").exists()


async def test_a_whole_category_is_rehearsed_topics_without_a_reply_too(
    forum: Forum, topic: Topic, folder: Path
) -> None:
    forum.say("dora", "formations", "Personne n’a répondu ?", title="Sans réponse")
    (folder / "config.yaml").write_text(
        f"matching: {{semantic: false}}\ndiscourse: {{url: '{forum.url}', username: concierge}}\n", encoding="utf-8"
    )
    code, out, err = await ran(folder, "rehearse", f"{forum.url}/c/formations/{topic.category.id}")
    assert (code, err) == (0, "")
    assert "Messages rejoués\u00a0: 28." in out
    page = (folder / "repetition.html").read_text(encoding="utf-8")
    assert "ou un autre robot\u00a0: 1" in page
    for text in ("Devenir fabmanager", "Personne n’a répondu ?"):
        assert text in page
    for name in ("dora", "cleo"):
        assert name not in page


@pytest.mark.parametrize("path", ["/c/equipe/5", "/latest"])
async def test_nothing_is_rehearsed_of_what_not_everybody_may_read(forum: Forum, folder: Path, path: str) -> None:
    code, out, err = await ran(folder, "rehearse", f"{forum.url}{path}")
    assert (code, out) == (2, "")
    assert forum.url in err
    assert not (folder / "repetition.html").exists()
