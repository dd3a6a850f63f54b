"""A bare matrix-nio bot that answers each message with its own text: python -m benchmarks.echo HOMESERVER USER ROOM"""

from __future__ import annotations

import asyncio
import os
import sys

import nio

FILTER = {"room": {"timeline": {"limit": 1000}}}  # else it would get the last ten of a burst only


async def main(homeserver: str, user: str, room: str) -> None:
    client = nio.AsyncClient(homeserver, user)
    await client.login(os.environ["CONCIERGE_MATRIX_PASSWORD"])
    await client.join(room)
    await client.sync(timeout=0, sync_filter=FILTER)

    async def echo(where: nio.MatrixRoom, event: nio.RoomMessageText) -> None:
        if event.sender != client.user_id:
            relates = {"m.in_reply_to": {"event_id": event.event_id}}
            content = {"msgtype": "m.text", "body": event.body, "m.relates_to": relates}
            await client.room_send(where.room_id, "m.room.message", content)

    client.add_event_callback(echo, nio.RoomMessageText)
    await client.room_send(room, "m.room.message", {"msgtype": "m.text", "body": "ready"})
    await client.sync_forever(timeout=30_000, sync_filter=FILTER)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
