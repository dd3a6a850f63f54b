"""`propose`: a topic of the forum, with the links that people gave there, as a draft of an entry."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.forum_category import forum_reader, own_forum
from bot.cli.setup import Config, KnowledgeFolder, Verbose, fail, settings_if_any, words_of
from bot.config.settings import Settings

if TYPE_CHECKING:
    from bot.channels.channel_kind import ChannelInstance, TopicReader
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
    from bot.messages import ChannelError

    settings = settings_if_any(config, knowledge)
    words, (reader, forum) = words_of(settings), forum_reader(settings)
    url, number = _locate(reader, forum, topic, words)
    try:
        whole = asyncio.run(reader.read(url, number, own_forum(reader, forum, url, config)))
    except ChannelError as trouble:
        fail(words("program.propose_trouble", url=url, trouble=trouble), 1)
    if whole is not None and whole.private:
        fail(words("program.propose_private", topic=topic), 1)
    if whole is None or not whole.posts:
        fail(words("program.propose_nothing", topic=topic), 1)
    _output(settings, fields_from_topic(whole.title, whole.url, whole.posts), write, words)


def _locate(
    reader: TopicReader[Any], forum: ChannelInstance[Any] | None, topic: str, words: Wording
) -> tuple[str, int]:
    address = reader.locate(topic)
    if address is None:
        fail(words("program.propose_topic", topic=topic), 2)
    url = address[0] or (reader.home(forum.settings) if forum else None)
    if url is None:
        fail(words("program.propose_no_forum", topic=topic), 2)
    return url.rstrip("/"), address[1]


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
