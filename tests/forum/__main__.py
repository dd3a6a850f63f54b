"""The forum as a process of its own: `python -m tests.forum --port 4200`. Its address and keys: a line of JSON."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal

from tests.forum import Forum


async def serve(given: argparse.Namespace) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    forum = Forum(
        old=given.old, folder=given.folder, limits=given.limits, locale=given.locale, seed=given.seed, port=given.port
    )
    for slug in given.category:
        forum.category(slug)
    async with forum:
        print(json.dumps({"url": forum.url, "key": forum.key, "open_key": forum.open_key}), flush=True)
        await stop.wait()


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m tests.forum", description=__doc__)
    options.add_argument("--port", type=int, default=0, help="0: a free one")
    options.add_argument("--folder", default="", help="mounted below this path, such as /forum")
    options.add_argument("--old", action="store_true", help="as the core of 2022")
    options.add_argument("--limits", action="store_true", help="with the rate limits of an installation")
    options.add_argument("--locale", choices=("fr", "en"), default="fr")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--category", action="append", default=[], metavar="SLUG")
    asyncio.run(serve(options.parse_args()))


if __name__ == "__main__":
    main()
