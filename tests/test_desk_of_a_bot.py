"""The desk of a whole bot on a real homeserver: from `!page` in a direct room to the end of the session."""

import re
from pathlib import Path
from typing import Any

import httpx

from bot.demo.homeserver import free_port
from tests.conftest import NewBot, NewMember
from tests.member import Raw
from tests.running import Running, from_bot
from tests.waiting import PATIENCE
from tests.web import answering


def says(running: Running, words: str) -> Any:
    return lambda raw: from_bot(running)(raw) and words in raw["content"]["body"]


async def test_a_moderator_enters_answers_and_leaves(member: NewMember, new_bot: NewBot, knowledge: Path) -> None:
    ana, bea = await member("ana"), await member("bea")
    room, moderation = await ana.create_room(), await ana.create_room()
    await bea.join(room)
    address, matrix = f"http://127.0.0.1:{(port := free_port())}", {"moderators_room": moderation}
    running = await new_bot(room, knowledge=knowledge, web={"address": port, "pages": True}, matrix=matrix)
    async with httpx.AsyncClient(base_url=address, follow_redirects=True, timeout=PATIENCE) as http:
        async with running.up():
            await ana.wait_for(room, from_bot(running))
            await bea.say(room, "concierge : qui a les clés du portail bleu ?")
            alone = await ana.direct_room(running.bot.user)
            await ana.say(alone, "!page")
            offer: Raw = await ana.wait_for(alone, says(running, "/desk/enter/"))
            assert f"ssh -L {port}:127.0.0.1:{port}" in offer["content"]["body"]
            link = re.findall(r"/desk/enter/\w+", offer["content"]["body"])[0]
            assert "Entrer en tant que" in (await http.get(link)).text
            page = (await http.post(link)).text
            assert "portail bleu" in page
            assert room in page
            fields = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page.split("/answer")[1]))
            action = re.findall(r'action="(desk/questions/\d+/answer)"', page)[0]
            answered = await http.post(f"/{action}", data=fields | {"text": "Elles sont à l’accueil."})
            assert "est partie" in answered.text
            await bea.wait_for(room, says(running, "Elles sont à l’accueil."))
            opened = await ana.wait_for(alone, says(running, "entré à votre nom sur le bureau"))
        async with running.up():
            await answering(http)
            await ana.say(alone, "!aide")
            await ana.wait_for(alone, says(running, "un lien vers le bureau"))
            assert (await http.get("/desk")).status_code == 200  # a session outlasts a restart
            await ana.react(alone, opened["event_id"], "❌")
            await ana.wait_for(alone, says(running, "la session sur le bureau est terminée"))
            assert (await http.get("/desk")).status_code == 403
