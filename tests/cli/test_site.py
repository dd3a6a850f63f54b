"""`concierge site`: what it writes, what it leaves alone, and what it says when it cannot."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.messages import Reply
from bot.pages import site_folder
from bot.pages.site_folder import MANIFEST
from bot.store import LinkState, Post, Store
from tests.cli.conftest import KNOWLEDGE, WORDS_ALONE, Concierge


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_it_writes_the_pages_says_how_many_and_programs_can_find_each(concierge: Concierge, folder: Path) -> None:
    ran = concierge("site", "public", "--url", "https://example.org/answers/")
    pages = {path.relative_to(folder / "public").as_posix() for path in (folder / "public").rglob("*.html")}
    assert (ran.code, ran.err) == (0, "")
    assert {"index.html", "t/formations.html", "r/horaires.html"} <= pages
    assert f"{len(pages)} pages" in ran.out
    site = contents(folder / "public")
    assert b"Tous les jours." in site["r/horaires.html"]
    assert b"<loc>https://example.org/answers/r/horaires.html</loc>" in site["sitemap.xml"]
    assert b"https://example.org/answers/assets/style.css" in site["404.html"]
    for pages, is_named in (("true", False), ("false", True)):  # the bot has its own there, or none
        concierge("site", "named", settings=f"web: {{public_url: https://example.org, pages: {pages}}}\n")
        assert (folder / "named" / "sitemap.xml").exists() == is_named


def test_run_again_it_writes_what_changed_and_removes_what_is_gone(concierge: Concierge, folder: Path) -> None:
    concierge("site", "public")
    untouched = (folder / "public" / "r" / "assurance.html").stat().st_mtime_ns
    (folder / "public" / "CNAME").write_text("reponses.example.org", encoding="utf-8")
    answers = folder / "knowledge" / "formations.yaml"
    before, _, _ = KNOWLEDGE.partition("  - id: horaires")
    answers.write_text(before.replace("Elle est gratuite.", "Elle coûte un euro."), encoding="utf-8")
    assert "retirés : 1" in concierge("site", "public").out.replace("\u00a0", " ")
    assert not (folder / "public" / "r" / "horaires.html").exists()
    assert "un euro" in (folder / "public" / "r" / "adhesion.html").read_text(encoding="utf-8")
    assert (folder / "public" / "r" / "assurance.html").stat().st_mtime_ns == untouched
    assert (folder / "public" / "CNAME").read_text(encoding="utf-8") == "reponses.example.org"


def test_faulty_answers_are_reported_as_by_check_and_nothing_is_written(concierge: Concierge, folder: Path) -> None:
    concierge("site", "public")
    before = contents(folder / "public")
    (folder / "knowledge" / "autre.yaml").write_text("theme: Autre\nentries:\n  - titel: x\n", encoding="utf-8")
    reported = [line for line in concierge("check").out.splitlines() if line.startswith("knowledge/autre.yaml")]
    ran = concierge("site", "public")
    assert ran.code == 1
    assert reported
    assert [line for line in reported if line not in ran.err.splitlines()] == []
    assert "Rien n’est écrit" in ran.err
    assert contents(folder / "public") == before
    ran = concierge("site", "elsewhere", "--knowledge", "nowhere")
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (1, "", 1)
    for url in ("example.org", "ftp://example.org", "https://", "https://a:b@example.org"):
        ran = concierge("site", "elsewhere", "--url", url)
        assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert not (folder / "elsewhere").exists()


def test_dead_links_are_marked_and_the_first_page_has_what_is_asked_most(concierge: Concierge, folder: Path) -> None:
    async def work() -> None:
        store = await Store.open("sqlite:///var/concierge.db")
        before, now = datetime.now(UTC) - timedelta(days=8), datetime.now(UTC)
        dead = LinkState("https://example.org/fiche", "dead", "404", now, None, None, before, now, 2)
        await store.links.note_check([dead], now, None, now)
        for key in "abc":
            post = Post(Reply("!salon", "Voici."), "answer", entries=("fiche-poste",))
            await store.outbox.post("matrix", post, key, now)
        await store.close()

    concierge("site", "before", settings=f"{WORDS_ALONE}about: Les réponses du Jura.\n")
    asyncio.run(work())
    concierge("site", "after")
    before, after = (contents(folder / name) for name in ("before", "after"))
    marked = [b'<span class="dead">' in site["r/fiche-poste.html"] for site in (before, after)]
    homes = [site["index.html"].decode() for site in (before, after)]
    assert (marked, ["demande le plus" in home for home in homes]) == ([False, True], [False, True])
    assert all("<p>Les réponses du Jura.</p>" in home for home in homes)


def test_a_folder_with_other_files_is_refused_and_none_of_them_replaced(concierge: Concierge, folder: Path) -> None:
    (folder / "thesis").write_text("mine", encoding="utf-8")
    assert concierge("site", "thesis").code == 2
    file = folder / "public" / "r" / "mine.html"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("mine", encoding="utf-8")
    ran = concierge("site", "public")
    assert (ran.code, "public n’a pas été fait par cette commande" in ran.err) == (2, True)
    assert contents(folder / "public") == {str(file.relative_to(folder / "public")): b"mine"}
    concierge("site", "other")
    manifest = folder / "other" / MANIFEST
    files = json.loads(manifest.read_text(encoding="utf-8"))["files"]
    manifest.write_text(json.dumps({"files": [one for one in files if one != "index.html"]}), encoding="utf-8")
    (folder / "other" / "index.html").write_text("mine", encoding="utf-8")
    ran = concierge("site", "other")
    assert (ran.code, "other/index.html" in ran.err) == (2, True)
    assert (folder / "other" / "index.html").read_text(encoding="utf-8") == "mine"


def test_a_list_that_leads_out_of_the_folder_deletes_nothing_there(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("x", encoding="utf-8")
    site_folder.replace(tmp_path / "public", {"index.html": b"1"})
    outside = ["../precious", str(tmp_path / "precious"), "", ".", 3]
    (tmp_path / "public" / MANIFEST).write_text(json.dumps({"files": outside}), encoding="utf-8")
    site_folder.replace(tmp_path / "public", {"index.html": b"1"})
    assert (tmp_path / "precious").exists()


@pytest.mark.parametrize("moves", range(5))
def test_wherever_cut_the_next_run_completes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moves: int) -> None:
    site_folder.replace(tmp_path, {"r/a.html": b"a", "r/old/b.html": b"b", "index.html": b"1"})
    new = {"r/a.html": b"A", "r/c.html": b"c", "index.html": b"2"}
    real, left = site_folder.os.replace, iter(range(moves))

    def replace(source: Path, target: Path) -> None:
        if next(left, None) is None:
            raise OSError(28, "No space left on device")
        real(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(site_folder.os, "replace", replace)
        with pytest.raises(OSError, match="No space"):
            site_folder.replace(tmp_path, new)
    assert (tmp_path / "index.html").read_bytes() == (b"1" if moves < 4 else b"2")  # the first page comes last
    site_folder.replace(tmp_path, new)
    found = contents(tmp_path)
    assert {name: found[name] for name in found if name != MANIFEST} == new
    assert not (tmp_path / "r" / "old").exists()
