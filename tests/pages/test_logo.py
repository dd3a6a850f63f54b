"""The logo of the network beside the name on every page, served and as a file; what cannot be one is said."""

from pathlib import Path

import pytest

from bot.config.loading import LONGEST_LOGO, load
from bot.knowledge.models import Knowledge
from bot.locale import wording
from bot.pages.static_site import SUFFIX, site_files
from bot.pages.templates import Templates
from bot.text.images import image_kind
from tests.reader_site import reader_site, showing

PNG = b"\x89PNG\r\n\x1a\n and more"
SVG = b'<?xml version="1.0"?>\n<!-- ours -->\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
WEBP = b"RIFF\x10\x00\x00\x00WEBPVP8 "
KINDS = {
    **{PNG: "png", SVG: "svg", WEBP: "webp", b"\xff\xd8\xff\xe0": "jpeg", b"\xef\xbb\xbf <svg/>": "svg"},
    **{b"": "", b"GIF89a": "", b"<html><svg></svg></html>": "", b"<svgx>": "", b"RIFF\x10\x00\x00\x00WAVE": ""},
    **dict.fromkeys((b"<!" * 120_000, b"<!-->" * 50_000, b" " * 250_000), ""),
}


def test_an_image_is_known_by_how_it_begins() -> None:
    assert {content: image_kind(content) for content in KINDS} == KINDS


@pytest.mark.parametrize(("logo", "kind"), [(PNG, "image/png"), (SVG, "image/svg+xml"), (WEBP, "image/webp")])
async def test_it_is_on_each_page_under_a_name_that_changes_with_it(answers: Knowledge, logo: bytes, kind: str) -> None:
    async with reader_site(showing(answers), logo=logo) as site:
        for path in ("/", "/t/formations", "/r/fiche-de-poste", "/?q=fiche", "/r/fiche-de-poste/x"):
            page = await site.page(path, 404 if path.endswith("x") else 200)
            assert [one["alt"] for one in page.named("img")] == [""]
        [image] = (await site.page("/")).named("img")
        served = await site.http.get(f"/{image['src']}")
    async with reader_site(showing(answers), logo=logo + b" ") as site:
        [other] = (await site.page("/")).named("img")
    assert other["src"] != image["src"]
    assert (served.content, served.headers["Content-Type"]) == (logo, kind)
    assert served.headers["X-Content-Type-Options"] == "nosniff"
    policy = served.headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "sandbox"} <= {*policy}
    assert "script" not in str(policy)
    templates = Templates(wording("fr"), "Concierge", suffix=SUFFIX, logo=logo)
    files = site_files(showing(answers).publication, templates)
    assert files[str(image["src"])] == logo
    assert f'<img src="../{image["src"]}" alt="">' in files["r/fiche-de-poste.html"].decode()


def test_what_cannot_be_shown_is_a_warning_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for file, content in {"image.png": PNG, "notes.txt": b"notes", "large.png": PNG + b"x" * LONGEST_LOGO}.items():
        (tmp_path / file).write_bytes(content)
    matrix = "matrix: {homeserver: https://example.org, user: '@c:example.org', rooms: ['#a:example.org']}\n"
    path = tmp_path / "config.yaml"
    for name in ("image.png", "missing.png", "folder", "notes.txt", "large.png", "nul\\0"):
        path.write_text(f'{matrix}web:\n  pages: true\n  logo: "{name}"\n', encoding="utf-8")
        settings = load(path, {})
        assert settings.web
        assert settings.web.logo == (tmp_path / name if name == "image.png" else None)
        said = [warning.say(wording("fr")) for warning in settings.warnings]
        assert [sentence.startswith(f"{path}:4: {tmp_path}") for sentence in said] == [True] * (name != "image.png")
        assert all("les pages s’affichent sans logo. Corrigez ce chemin" in sentence for sentence in said)
