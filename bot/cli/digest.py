"""`digest`: preview of this week's digest from the store, or its publication."""

import asyncio
import json
import sys
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer

from bot.cli.options import AsJson, Config, Verbose
from bot.cli.setup import check_secrets, fail, load_knowledge, required_settings, tell, words_of

Publish = Annotated[bool, typer.Option("--publish", help="Post it; if it is posted already, give it the new words.")]
Since = Annotated[
    datetime | None,
    typer.Option("--since", metavar="DAY", formats=["%Y-%m-%d"], help="Show what is new since that day (YYYY-MM-DD)."),
]


def digest(
    publish: Publish = False,
    as_json: AsJson = False,
    since: Since = None,
    config: Config = None,
    verbose: Verbose = False,
) -> None:
    """Show the digest of the days since the last one, or post it.

    Shown, it is what the store knows, without the network. Posted, it is there when the command ends: beside the bot,
    which then sends it, or without one, and it is the digest of its week. One that was posted within a day gets the
    new words. It exits with 1 where it could not be posted everywhere.

    \b
    Example:
      concierge digest --config config.yaml
      concierge digest --publish
    """
    from rich.console import Console
    from rich.markdown import Markdown

    from bot.app.digest_command import DigestPreview, digest_by_command
    from bot.store import StoreError
    from bot.store.inspection import inspect_store

    settings = required_settings(config)
    words = words_of(settings)
    if settings.digest is None:
        fail(words("program.digest_off"), 2)
    tell(settings.warnings, words)
    if publish and since:
        fail(words("program.digest_since"), 2)
    if publish:
        check_secrets(settings)
    begin = since.replace(tzinfo=settings.timezone) if since else None

    async def work() -> tuple[list[DigestPreview], bool]:
        knowledge = (await asyncio.to_thread(load_knowledge, settings)).knowledge
        async with digest_by_command(settings, knowledge, post=publish) as command:
            return await (command.publish() if publish else command.show(begin)), command.alone

    try:
        if inspect_store(settings.store.get_secret_value()).tables == "none":  # a bot that never ran has no news
            fail(words("program.digest_no_store"), 1)
        previews, is_alone = asyncio.run(work())
    except StoreError as error:
        fail(error.say(words), 1)
    if as_json:
        print(json.dumps({"places": [asdict(preview) for preview in previews]}, ensure_ascii=False))
    else:
        console = Console()
        for preview in previews:
            console.rule(preview.place or words("program.digest_moderators"))
            console.print(Markdown(preview.text or words("program.digest_empty"), hyperlinks=False))
            if preview.done and preview.done != "empty":
                console.print(words(f"program.digest_done_{preview.done}"))
    states = {preview.done for preview in previews}
    if publish and {"new", "edited"} & states:
        sentence = words("program.digest_alone" if is_alone else "program.digest_beside")
        print(sentence, file=sys.stderr if as_json else sys.stdout)
    raise typer.Exit(1 if {"waiting", "refused", "unknown"} & states else 0)
