"""A whole bot beside a forum: what it says there, and what becomes of it when people edit, delete, choose and reply."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from bot.app import clock
from bot.channels.discourse import watchlist
from bot.messages import TOPICS_SEEN
from bot.store import Store
from tests.forum.state import Post
from tests.reliability.forum import BOT, CATEGORY, QUESTION, ForumScene, open_forum, running_forum
from tests.waiting import until

PLAIN = "Où trouver une formation de facilitateur ?"
FORMATION, FICHE = "https://formation.example/", "https://fiche.example/"

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ForumScene]:
    """One running bot for all: where each test has a topic of its own, none sees another's."""
    folder = tmp_path_factory.mktemp("forum")
    async with running_forum(folder, "equipe", "moda", direct=True, ignore=["autobot"]) as scene:
        yield scene


def asked(scene: ForumScene, text: str = PLAIN, where: str = CATEGORY, seconds: float = 60) -> Post:
    """A new topic by ana, opened so long ago."""
    post = scene.forum.say("ana", where, text, title=text.removeprefix("@concierge "))
    post.created_at -= timedelta(seconds=seconds)
    return post


def replies(post: Post) -> list[Post]:
    return [one for one in post.topic.posts if one.user.username == BOT and one.reply_to == post.number]


def standing(post: Post) -> list[str]:
    return [one.raw for one in replies(post) if not (one.deleted_at or one.user_deleted_at)]


async def until_it_says(post: Post, is_right: Callable[[list[str]], bool]) -> None:
    await until(lambda: is_right(standing(post)))


async def passed_by(scene: ForumScene) -> None:
    """What was to be heard before has been heard: two questions that were posted later are answered."""
    for _ in range(2):
        await scene.until_answered(asked(scene, QUESTION))


async def test_a_call_is_answered_with_the_question_on_top_and_how_to_reach_people_below(scene: ForumScene) -> None:
    post = scene.ask()
    await scene.until_answered(post)
    (said,) = standing(post)
    assert said.startswith("> Où trouver une formation de facilitateur ?\n")
    assert f"]({FORMATION})" in said
    assert "`@equipe`" in said
    assert not [note for note in scene.forum.board.notifications if note.user.username == "moda"]


async def test_it_keeps_silent_where_a_person_replied_and_when_the_topic_is_old(scene: ForumScene) -> None:
    replied, old, added_to = asked(scene), asked(scene, seconds=3700), asked(scene)
    scene.forum.say("ben", replied.topic, "Voyez du côté de la coopérative.")
    scene.forum.say("ana", added_to.topic, "Je précise : plutôt en Bretagne.")  # by its author: no reply of a person
    await scene.until_answered(added_to)
    await passed_by(scene)
    assert standing(replied) == standing(old) == []


async def test_a_question_is_not_sent_to_its_own_topic(scene: ForumScene) -> None:
    before = scene.forum.say("ben", "divers", "On répare la passerelle cassée du quai nord.", title="Le quai nord")
    post = asked(scene, "@concierge Qui répare la passerelle cassée du quai nord ?")
    await scene.until_answered(post)
    (said,) = standing(post)
    assert f"/t/-/{before.topic.id})" in said
    assert f"/t/-/{post.topic.id})" not in said


async def test_an_edited_question_edits_the_reply_and_a_deleted_one_takes_it_along(scene: ForumScene) -> None:
    post = asked(scene, QUESTION)
    follow = scene.forum.say("ben", post.topic, QUESTION)
    await scene.until_answered(post, follow)
    scene.forum.edit(follow, "@concierge un modele de fiche de poste svp")
    await until_it_says(follow, lambda said: FICHE in said[0])
    scene.forum.delete(follow)
    await until_it_says(follow, lambda said: said == [])
    await passed_by(scene)
    assert len(replies(follow)) == 1
    assert len(standing(post)) == 1


async def test_in_a_private_message_among_more_it_answers_what_is_said_to_it(scene: ForumScene) -> None:
    first = scene.forum.message("ana", BOT, PLAIN)
    await scene.until_answered(first)
    assert FORMATION in standing(first)[0]
    ben = scene.forum.user("ben")
    assert first.topic.members is not None
    first.topic.members.add(ben)
    among = scene.forum.say("ben", first.topic, "Merci Ana, et où trouver une fiche de poste ?")
    await passed_by(scene)
    called = scene.forum.say("ben", first.topic, "@concierge où trouver une fiche de poste ?")
    await scene.until_answered(called)
    assert replies(among) == []
    assert FICHE in standing(called)[0]


async def test_with_a_clock_hours_ahead_it_answers(nest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + timedelta(hours=9))
    async with AsyncExitStack() as stack:
        scene = await open_forum(stack, tmp_path, nest)
        async with scene.program.up():
            await scene.marked()
            await scene.until_answered(scene.ask(), asked(scene))


async def test_on_a_forum_for_members_only_what_is_said_stays_there(nest: Path, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        scene = await open_forum(stack, tmp_path, nest)
        scene.forum.site.login_required = True
        scene.forum.say("ben", CATEGORY, "Mon imprimante Prusa fume, que faire ?", title="Une Prusa qui fume")
        async with scene.program.up():
            await scene.marked()
            overheard, unknown = asked(scene), scene.ask(text="@concierge Comment réparer une Prusa qui fume ?")
            await scene.until_answered(unknown, scene.ask())
        assert replies(overheard) == []
        assert "Je n’ai pas" in standing(unknown)[0]
        assert "Sur le forum" not in standing(unknown)[0]
    store = await Store.open(f"sqlite:///{tmp_path}/var/concierge.db")
    waiting, seen = await store.queue.questions(), await store.memory.get(TOPICS_SEEN)
    await store.close()
    assert (waiting, seen) == ([], None)


async def test_a_held_reply_is_known_as_it_appears(nest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who answers it calls the bot; an edited question edits it, a deleted one takes it along, also where it waits."""
    monkeypatch.setattr(watchlist, "_INTERVALS", ((timedelta(days=1), 0.1),))
    async with AsyncExitStack() as stack:
        scene = await open_forum(stack, tmp_path, nest)

        async def held() -> Post:
            """A question whose reply waits for a moderator, and the bot knows so; what comes after it does not wait."""
            scene.forum.site.review = True
            post = scene.ask()
            await until(lambda: scene.forum.queue)
            scene.forum.site.review = False
            await passed_by(scene)
            return post

        async with scene.program.up():
            await scene.marked()
            post = await held()
        reply = scene.forum.approve()
        assert replies(post) == [reply]
        async with scene.program.up():
            await passed_by(scene)
            more = scene.forum.say("ben", post.topic, "et un modele de fiche de poste svp ?", reply_to=reply)
            await scene.until_answered(more)
            scene.forum.edit(post, "@concierge un modele de fiche de poste svp")
            await until_it_says(post, lambda said: len(said) == 1 and FICHE in said[0])
            scene.forum.delete(post)
            await until_it_says(post, lambda said: said == [])
            assert len(replies(post)) == 1
            other = await held()
            scene.forum.delete(other)
            late = scene.forum.approve()
            assert replies(other) == [late]
            await until_it_says(other, lambda said: said == [])
