"""Open questions, most asked first: answered, added to an answer, or set aside."""

from __future__ import annotations

from aiohttp import web

from bot.desk.desk import Desk


async def show(desk: Desk, request: web.Request) -> web.Response:
    return desk.page(request, "desk/questions.html", questions=await desk.store.queue.questions())
