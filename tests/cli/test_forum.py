"""A forum's topic or category is imported as drafts, a category rehearsed; of what not everybody may read, nothing."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.knowledge.library import Library
from bot.knowledge.models import Entry, Theme
from bot.knowledge.yaml.reader import load
from tests.cli.conftest import WORDS_ALONE, Concierge, Ran
from tests.forum import Forum
from tests.forum.state import Topic

Run = Callable[..., Awaitable[Ran]]
REFUSED = [
    ("import", "/c/equipe/5", 2, "equipe"),
    ("import", "/c/nowhere/9", 2, "nowhere"),
    ("import", "/latest", 2, "n’est pas l’adresse d’une catégorie"),
    ("import", "/t/-/99999", 1, "n’existe pas"),
    ("import", "/t/-/{hidden}", 1, "n’existe pas"),
    ("rehearse", "/c/equipe/5", 2, "equipe"),
    ("rehearse", "/latest", 2, "n’est pas l’adresse d’une catégorie"),
    ("import", "/t/-/{private}", 1, "message privé"),  # with the bot's key
]


@pytest.fixture
async def forum() -> AsyncIterator[Forum]:
    async with Forum() as forum:
        forum.category("formations")
        forum.category("equipe", "mia")
        yield forum


@pytest.fixture
def topic(forum: Forum) -> Topic:
    asked = "Bonjour à tous ! Où apprendre la sérigraphie ? Combien de temps faut-il ?"
    post = forum.say("ana", "formations", asked, title="Apprendre la sérigraphie")
    forum.say("ben", post.topic, "Regardez [le DU](https://a.example/du), très bien.")
    forum.say("concierge", post.topic, "> Quelle formation ?\n\n[Une autre](https://b.example/)")
    for number in range(25):  # more than one page
        forum.say("cleo", post.topic, f"Et [la page {number}](https://c.example/{number}), à voir.")
    return post.topic


@pytest.fixture
def run(concierge: Concierge, forum: Forum, folder: Path) -> Run:
    """Run a command beside the forum, which is that of the settings."""
    forum_section = f"discourse: {{url: '{forum.url}', username: concierge}}\n"
    (folder / "config.yaml").write_text(forum_section + WORDS_ALONE, encoding="utf-8")
    return lambda *arguments: asyncio.to_thread(concierge, *arguments)


def drafts(folder: Path) -> list[Entry]:
    found, _ = load((folder / "knowledge" / "brouillons.yaml").read_bytes(), "f", Theme)
    return [*found.entries]


async def test_a_topic_becomes_a_draft_that_is_not_answered(run: Run, forum: Forum, topic: Topic, folder: Path) -> None:
    ran = await run("import", f"{forum.url}/t/apprendre-la-serigraphie/{topic.id}/3")
    assert (ran.code, ran.err) == (0, "")
    [entry] = drafts(folder)
    assert (entry.id, entry.title) == ("apprendre-la-serigraphie", "Apprendre la sérigraphie")
    assert "Où apprendre la sérigraphie ?" in entry.questions
    links = [(link.title, link.url) for link in entry.links]
    assert ("le DU", "https://a.example/du") in links
    assert "https://b.example/" not in [url for _, url in links]  # the bot's own answer
    assert len(links) == 26
    assert {"ben", "cleo"} <= set(entry.contacts)
    assert entry.source == f"fil du forum, {forum.url}/t/-/{topic.id}"
    known = Library(folder / "knowledge").load(datetime.now(UTC).date()).knowledge
    assert "apprendre-la-serigraphie" not in known.entries


async def test_a_whole_category_is_imported_and_rehearsed(run: Run, forum: Forum, topic: Topic, folder: Path) -> None:
    other = forum.say("eve", "formations", "Où louer une scie ?", title="Louer une scie").topic
    forum.say("ben", other, "Je n’ai pas de lien.")
    for number in range(30):  # the first page of the list
        forum.say("dora", "formations", "Personne n’a répondu ?", title=f"Sans réponse {number}")
    ran = await run("import", f"{forum.url}/c/formations/{topic.category.id}")
    assert (ran.code, ran.err) == (0, "")
    assert f"sujet {other.id}" in ran.out  # it has no link
    [entry] = drafts(folder)
    assert (entry.title, len(entry.links)) == ("Apprendre la sérigraphie", 26)

    ran = await run("rehearse", f"{forum.url}/c/formations/{topic.category.id}")
    assert (ran.code, ran.err) == (0, "")
    assert "Messages rejoués\u00a0: 59." in ran.out
    page = (folder / "repetition.html").read_text(encoding="utf-8")
    for text in ("ou un autre robot\u00a0: 1", "Apprendre la sérigraphie", "Personne n’a répondu ?"):
        assert text in page
    for name in ("dora", "cleo"):
        assert name not in page


async def test_nothing_hidden_is_taken(run: Run, forum: Forum, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hidden = forum.say("mia", "equipe", "Un sujet réservé à l’équipe, voilà.", title="Réservé à l’équipe").topic.id
    private = forum.message("ana", "concierge", "Où trouver [le DU](https://a.example/du) ? Chut.").topic.id
    for command, path, code, said in REFUSED:
        if "private" in path:
            monkeypatch.setenv("CONCIERGE_DISCOURSE_API_KEY", forum.key)
        ran = await run(command, forum.url + path.format(hidden=hidden, private=private))
        assert (ran.code, ran.out, forum.url in ran.err) == (code, "", True), path
        assert said in ran.err.replace("\u00a0", " ")
        assert not any(word in ran.err for word in ("Réservé", "Chut", "Traceback"))
    assert not (folder / "knowledge" / "brouillons.yaml").exists()
    assert not (folder / "repetition.html").exists()
