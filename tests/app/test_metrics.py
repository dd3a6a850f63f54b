"""The figures of a running bot: right, of few words, and without one of a member's."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import yaml
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as plain

from bot.app.metrics import BotState, Metrics, rendered
from bot.messages import Event, Reply
from bot.store import OutboxRow, Outcome, Post, Question, QueueDepths, Store
from tests.app.figures import figures, read, scraped
from tests.conftest import NewBot, NewMember
from tests.running import ASKED, from_bot

RULES = Path(__file__).parents[2] / "deploy" / "prometheus" / "concierge.rules.yml"
PAGE = (Path(__file__).parents[2] / "docs" / "watching.md").read_text(encoding="utf-8")
NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
LINKS = {"right": 1, "suspect": 0, "dead": 1, "untried": 0}
EVERYTHING = BotState(True, {"matrix": 3.0}, 2, LINKS, QueueDepths({"matrix": 0}, {"matrix": 0}, 1, 2, 3))


REPLY = Reply("!salon", "Voici.", to="$q")
PLAIN = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text;version=nonsense\xff;escaping=x,*/*"
ACCEPTS: list[tuple[str, str, Callable[[str], Iterator[object]]]] = [
    ("", PLAIN, plain),
    ("*/*", PLAIN, plain),
    ("text/html,text/plain;version=1.1.1.x", PLAIN, plain),
    (OPENMETRICS, "application/openmetrics-text; version=1.0.0; charset=utf-8", openmetrics),
]


def test_it_speaks_the_format_that_the_scraper_prefers() -> None:
    metrics = Metrics("1", ["matrix"])
    metrics.note(EVERYTHING)
    for accept, kind, parse in ACCEPTS:
        text, said = rendered(metrics.registry, accept)
        assert said == kind
        assert len([*parse(text.decode())]) > 15


def rows(page: str) -> dict[str, tuple[str, str]]:
    """By figure: its labels, and what it says."""
    found = re.findall(r"^\| `(concierge_\w+)` \|(.*?)\| (.*) \|$", page, re.MULTILINE)
    return {name: (labels, says) for name, labels, says in found}


def test_each_figure_stands_in_the_document_with_its_labels_and_their_values() -> None:
    metrics = Metrics("1", ["matrix"])
    metrics.note(EVERYTHING)
    event = Event("matrix", "$q", "!salon", "@ana:x", "message", NOW, "{}")
    metrics.on_outcome(event, Outcome("", confidence=1, addressed=True))
    metrics.on_outcome(event, Outcome("", confidence=1))
    row = OutboxRow(1, "matrix", "t", 0, "answer", "$q", "hash", False, REPLY, NOW, None, None, 0)
    metrics.on_result(row, "sent", 1)
    documented, text = rows(PAGE), rendered(metrics.registry, "")[0].decode()
    assert documented.keys() == set(re.findall(r"^# TYPE (concierge_\w+)", text, re.MULTILINE))
    for name, labels in figures(text):
        family = next((known for known in documented if re.fullmatch(known + "(_bucket|_sum|_count)?", name)), None)
        if family is None:
            assert name.startswith(("process_", "concierge_build"))
            continue
        named = set(re.findall(r"`(\w+)`", documented[family][0]))
        assert {label for label, _ in labels} - {"le"} <= named
        assert {value for label, value in labels if label not in {"le", "version", "channel"}} <= named


def test_the_example_alerts_are_rules_about_figures_that_exist() -> None:
    rules = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    alerts = [rule for group in rules["groups"] for rule in group["rules"]]
    named = {name for rule in alerts for name in re.findall(r"(concierge_\w+?)(?:_count|_bucket)?\b", rule["expr"])}
    assert {rule["alert"] for rule in alerts} == set(re.findall(r"^\| `(Concierge\w+)`", PAGE, re.MULTILINE))
    assert named <= rows(PAGE).keys()
    assert all(rule["annotations"]["summary"] for rule in alerts)


async def test_the_store_tells_what_waits_and_since_when(ready_url: str) -> None:
    store = await Store.open(ready_url, clock=lambda: NOW)
    for id in ("$q", "$r", "$s"):
        await store.journal.receive("paper", [Event("paper", id, "!salon", "@ana:x", "message", NOW, "{}")], "s")
    asked = Question("Où ?", "paper", "!salon", "$q", "@ana:x", NOW, number=await store.queue.reserve_number())
    first, second, _ = await store.journal.due(NOW)
    posts = [Post(REPLY, purpose, question="$q") for purpose in ("unknown", "command")]
    await store.finish(first, Outcome("unknown").also(*posts, asked), NOW)
    await store.finish(second, Outcome("a person may reply first", retry_at=NOW + timedelta(seconds=20)), NOW)
    assert await store.stats.depths(NOW + timedelta(seconds=9)) == QueueDepths({"paper": 2}, {"paper": 9}, 1, 1, 1)
    row = (await store.outbox.due(NOW))[0]
    await store.outbox.begin(row.id, NOW)
    await store.outbox.mark_sent(row.id, "$sent", NOW + timedelta(seconds=9))
    assert await store.stats.depths(NOW + timedelta(seconds=20)) == QueueDepths({"paper": 1}, {"paper": 20}, 2, 0, 1)
    await store.close()


async def test_a_conversation_is_counted_and_nobodys_words_names_or_rooms_are_told(
    member: NewMember, new_bot: NewBot, knowledge: Path, unused_tcp_port: int, database: str
) -> None:
    ana = await member("ana")
    room = await ana.create_room()
    running = await new_bot(room, knowledge=knowledge, web={"address": unused_tcp_port})
    running.database = database
    said = [ASKED, "Où trouver une fiche de poste ?", "qui a les clés du portail bleu ?"]
    async with running.up(), httpx.AsyncClient(base_url=f"http://127.0.0.1:{unused_tcp_port}") as http:
        await ana.wait_for(room, from_bot(running))
        for text in said:
            await ana.wait_for(room, from_bot(running, await ana.say(room, f"concierge : {text}")))
        await running.settled(await ana.say(room, "Bonjour, on se voit jeudi devant le portail"))
        found, text = await scraped(http, lambda now: read(now, "posts_total", channel="matrix", result="sent") == 4)
        ready = await http.get("/ready")
    decisions = {dict(key[1])["decision"]: n for key, n in found.items() if key[0] == "concierge_decisions_total" and n}
    assert decisions == {"answer": 2, "unknown": 1, "silent": 1}
    assert read(found, "events_total", channel="matrix", kind="message") == 4
    assert [read(found, "confidence_count", addressed=addressed) for addressed in ("true", "false")] == [3, 1]
    assert read(found, "reply_seconds_count", channel="matrix") == 3
    assert 0 < read(found, "reply_seconds_sum", channel="matrix") < 60
    assert read(found, "outbox_posts", channel="matrix") == read(found, "outbox_oldest_seconds", channel="matrix") == 0
    assert read(found, "journal_events", state="due") == 0
    assert (read(found, "questions_open"), read(found, "knowledge_entries")) == (1, 2)
    assert read(found, "sync_age_seconds", channel="matrix") < 60
    assert (read(found, "ready"), ready.text) == (1, "ready")
    names = [room, room[1:].partition(":")[0], ana.user, ana.user[1:].partition(":")[0], running.bot.user, "127.0.0.1"]
    words = {word for sentence in [*said, "Bonjour jeudi devant"] for word in re.findall(r"\w{5,}", sentence)}
    assert not [secret for secret in [*names, *words] if secret.casefold() in text.casefold()]
