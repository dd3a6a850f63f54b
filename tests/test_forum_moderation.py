"""A bot whose only network is a forum: its moderators have a private message to their group for a room."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.databases import execute
from tests.forum.state import Post
from tests.reliability.forum import BOT, CATEGORY, ForumScene, running_forum
from tests.waiting import until

ASKED = "@concierge Qui a les clés du portail bleu, côté jardin ?"
ANSWER = "Les clés du portail bleu sont chez Sacha : https://lieu.example/portail"
GROUP = "equipe"
BEN_KNOWS = """\
  - id: poncer-un-parquet
    title: "Poncer un parquet ancien"
    questions: ["Comment poncer un parquet ancien ?"]
    answer: "Avec une ponceuse à bande."
    contacts: ["ben"]
"""

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ForumScene]:
    """Private messages to the bot are not answered (`direct`): those of the moderators are, all the same."""
    folder = tmp_path_factory.mktemp("forum")
    async with running_forum(folder, GROUP, "moda", "sacha", more_answers=BEN_KNOWS) as scene:
        yield scene


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def said_to_moderators(scene: ForumScene) -> list[Post]:
    return [post for post in scene.forum.posts_of(BOT) if GROUP in post.topic.groups]


async def note_about(scene: ForumScene, words: str) -> Post:
    """The bot's post to the moderators that has these words."""
    await until(lambda: any(words in plain(post.raw) for post in said_to_moderators(scene)))
    return next(post for post in said_to_moderators(scene) if words in plain(post.raw))


async def reply_to(scene: ForumScene, post: Post) -> Post:
    """What the bot says to a moderator."""
    await until(lambda: any(one.reply_to == post.number for one in said_to_moderators(scene)))
    return next(one for one in said_to_moderators(scene) if one.reply_to == post.number)


async def asked(scene: ForumScene, text: str) -> Post:
    post = scene.forum.say("ana", CATEGORY, text, title=text.removeprefix("@concierge "))
    await scene.until_answered(post)
    return post


def below(post: Post) -> list[str]:
    """What the bot said in reply to it, or to what it said there."""
    return [one.raw for one in post.topic.posts if one.user.username == BOT and not one.user_deleted_at]


def reply(scene: ForumScene, note: Post, text: str, name: str = "moda") -> Post:
    return scene.forum.say(name, note.topic, text, reply_to=note)


async def test_a_question_is_answered_and_its_answer_kept_by_words_alone(scene: ForumScene) -> None:
    post = await asked(scene, ASKED)
    assert "équipe de modération" in below(post)[0]
    note = await note_about(scene, "portail bleu")
    assert plain(note.topic.title) == "Concierge : pour la modération"
    assert "« Non, merci » écarte la question" in plain(note.raw)
    assert not any(sign in note.raw for sign in "✅❌📝")

    reply(scene, note, ANSWER)
    await until(lambda: any("chez Sacha" in raw for raw in below(post)))
    assert "*Transmis automatiquement." in below(post)[-1]
    draft = await note_about(scene, "Brouillon n°")
    assert draft.topic is note.topic  # one message for all
    assert "« oui, merci » le garde" in plain(draft.raw)
    reply(scene, draft, "Oui, merci !")
    await note_about(scene, "C’est gardé")
    again = await asked(scene, "@concierge Où sont les clés du portail bleu, côté jardin, svp ?")
    assert "https://lieu.example/portail" in below(again)[0]


async def test_an_answer_follows_its_words_and_is_taken_back_by_a_word(scene: ForumScene) -> None:
    post = await asked(scene, "@concierge Où est rangée la malle aux trésors de la kermesse ?")
    answer = reply(scene, await note_about(scene, "malle aux trésors"), "Elle est sous la scène du grand préau.")
    await until(lambda: any("sous la scène" in raw for raw in below(post)))
    scene.forum.edit(answer, "Elle est dans la remise du petit préau.")
    await until(lambda: any("petit préau" in raw for raw in below(post)))
    report = next(one for one in said_to_moderators(scene) if one.reply_to == answer.number and "part là" in one.raw)
    reply(scene, report, "Non, merci !")
    await until(lambda: not any("petit préau" in raw for raw in below(post)))


async def test_commands_are_heard_there_and_from_members_of_the_group_alone(scene: ForumScene) -> None:
    await asked(scene, "@concierge Qui peint la grande fresque du hall cet automne ?")
    note = await note_about(scene, "grande fresque")
    listed = await reply_to(scene, reply(scene, note, "!questions", name="sacha"))
    assert listed.raw.startswith("Questions ouvertes")
    assert "grande fresque" in listed.raw
    message = scene.forum.message("ana", BOT, "!questions", title="Je suis curieuse")
    await reply_to(scene, scene.forum.say("moda", note.topic, "!concierge aide"))
    assert len(message.topic.posts) == 1


async def test_solved_topics_and_thanked_replies_become_drafts_by_their_numbers(scene: ForumScene) -> None:
    solved = scene.forum.say("ana", CATEGORY, "Le moteur siffle depuis mardi.", title="Qui répare le rétroprojecteur ?")
    scene.forum.say("zoe", solved.topic, "Aucune idée, désolée pour toi.")
    accepted = scene.forum.say("zoe", solved.topic, "Le repair café du samedi, au numéro 4 de la rue du Puits.")
    solved.topic.accepted = accepted.number
    thanked = scene.forum.say("ana", CATEGORY, "C’est pour jeudi.", title="Où emprunter la nacelle élévatrice bleue ?")
    answer = scene.forum.say("ben", thanked.topic, "La nacelle se réserve au dépôt municipal, quai sud.")
    scene.forum.say("ana", thanked.topic, "Merci beaucoup, c’est noté !", reply_to=answer)
    await asked(scene, "@concierge Qui accorde le vieux piano droit de la salle des fêtes ?")
    await until(lambda: said_to_moderators(scene))
    store = f"sqlite:///{scene.program.folder}/var/concierge.db"
    await until(lambda: execute(store, "SELECT count(*) FROM candidates") == [(1,)])
    scene.forum.say("moda", said_to_moderators(scene)[-1].topic, "!formulations")
    shown = await note_about(scene, "Des réponses à garder")
    rows = [line for line in plain(shown.raw).splitlines() if line.startswith("- **")]
    assert ["rétroprojecteur" in row for row in rows] == [False, True]
    assert f"/t/-/{solved.topic.id}/{accepted.number})" in rows[1]
    assert "« La nacelle se réserve au dépôt municipal, quai sud. »" in rows[0]

    reply(scene, shown, "la 2, merci")
    await note_about(scene, "Réponses mises en brouillon : 1. Écartées : 1.")
    draft = next(one for one in said_to_moderators(scene) if "rue du Puits" in one.raw and "Brouillon" in one.raw)
    reply(scene, draft, "Oui, merci !")
    await reply_to(scene, draft)
    again = await asked(scene, "@concierge Qui répare le rétroprojecteur, s’il vous plaît ?")
    await until(lambda: any("rue du Puits" in raw for raw in below(again)))
    searches = [one for one in scene.forum.requests if one.path == "/search.json" and "solved" in one.query]
    assert len(searches) == 1
    assert searches[0].user is None  # as a visitor: nothing private is found
