"""`propose`: a draft of an entry from a topic of the forum."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.setup import Config, KnowledgeFolder, Verbose, config_path, fail, settings_if_any, words_of
from bot.config import Settings, load

if TYPE_CHECKING:
    from bot.channels.discourse.whole_topic import WholeTopic
    from bot.conversation.moderation.link_extraction import ForumPost
    from bot.locale import Wording

Topic = Annotated[str, typer.Argument(metavar="TOPIC", help="Its address; or its number, on the settings' forum.")]
Write = Annotated[bool, typer.Option("--write", help="Put it into brouillons.yaml of the knowledge folder.")]


def propose(
    topic: Topic,
    write: Write = False,
    knowledge: KnowledgeFolder = None,
    config: Config = None,
    verbose: Verbose = False,
) -> None:
    """Make a draft of an entry from a topic of the forum.

    Its title and the questions of its first post become phrasings, the links of
    the replies the links, those who answered the contacts. Read it, shorten it, and
    move it to the file of its theme: drafts are checked, but never answered with.

    \b
    Example:
      concierge propose https://forum.example.org/t/formation-fabmanager/123
      concierge propose 123 --write
    """
    from bot.conversation.moderation.extraction import fields_from_topic

    settings = settings_if_any(config, knowledge)
    words = words_of(settings)
    url, number = _address(settings, topic, words)
    whole = asyncio.run(_read(url, number, _credentials(settings, config, url), words))
    if whole is not None and whole.private:
        fail(words("program.propose_private", topic=topic), 1)
    posts = _posts_of_people(settings, whole, url) if whole else []
    if whole is None or not posts:
        fail(words("program.propose_nothing", topic=topic), 1)
    _output(settings, fields_from_topic(whole.title, f"{url}/t/-/{number}", posts), write, words)


def _address(settings: Settings, topic: str, words: Wording) -> tuple[str, int]:
    from bot.channels.discourse import whole_topic

    place = whole_topic.place(topic)
    if place is None:
        fail(words("program.propose_topic", topic=topic), 2)
    url = place[0] or (settings.discourse.url if settings.discourse else None)
    if url is None:
        fail(words("program.propose_no_forum", topic=topic), 2)
    return url.rstrip("/"), place[1]


def _credentials(settings: Settings, config: Path | None, url: str) -> tuple[str, str] | None:
    """User name and API key, only for the forum of the settings; others are read anonymously."""
    path = config_path(config)
    forum = settings.discourse
    if path is None or forum is None or forum.url.rstrip("/") != url:
        return None
    key = load(path, os.environ).secrets.discourse_api_key
    return (forum.username, key.get_secret_value()) if key else None


async def _read(url: str, number: int, credentials: tuple[str, str] | None, words: Wording) -> WholeTopic | None:
    from bot.channels.discourse import whole_topic
    from bot.channels.discourse.client import DiscourseClient
    from bot.messages import ChannelError

    client = DiscourseClient(url, *(credentials or ()))
    try:
        return await whole_topic.read_topic(client, number)
    except ChannelError as trouble:
        fail(words("program.propose_trouble", url=url, trouble=trouble), 1)
    finally:
        await client.close()


def _posts_of_people(settings: Settings, topic: WholeTopic, url: str) -> list[ForumPost]:
    """Without those of this bot and of the ignored users."""
    from bot.conversation.moderation.link_extraction import ForumPost

    forum = settings.discourse
    bots = {forum.username.casefold(), *map(str.casefold, forum.ignore)} if forum and forum.url == url else set()
    return [ForumPost(post.author, post.text, post.html) for post in topic.posts if post.author.casefold() not in bots]


def _output(settings: Settings, proposed: dict[str, object], write: bool, words: Wording) -> None:
    from bot.knowledge.edit_result import EditError
    from bot.knowledge.editor import Editor
    from bot.knowledge.entry_input import draft, id_for
    from bot.knowledge.rendering import yaml_of

    editor = Editor(settings.knowledge)
    try:
        entry = draft({"id": id_for(str(proposed["title"]), editor.taken_ids()), **proposed})
        if not write:
            sys.stdout.write(yaml_of(entry))
            return
        written = editor.propose(entry)
    except EditError as refusal:
        fail("\n".join(filter(None, [refusal.say(words), refusal.yaml])), 1)
    print(words("program.propose_written", id=entry.id, file=written.file))
