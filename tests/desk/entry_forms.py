"""The form of an answer as a browser would fill it in and send it."""

import re
from html import unescape
from pathlib import Path
from typing import Any

from bot.knowledge.git import git
from tests.desk.browsing import Browser

ID = "formation-facilitation"
NEW = {
    "title": "Les clés du portail",
    "theme": "materiel.yaml",
    "questions": "qui a les clés du portail ?\nouvrir le portail",
    "answer": "Elles sont **à l’accueil**.",
    "link_title": ["Le plan", ""],
    "link_url": ["https://accueil.example/plan", ""],
}


def shown(page: str) -> str:
    """What somebody reads of a page: without tags, entities as their characters."""
    plain = re.sub(r"<[^>]+>", " ", re.sub(r"</?(?:strong|em)>", "", page))
    return " ".join(unescape(plain).split())


async def fill(browser: Browser, path: str, **fields: Any) -> dict[str, Any]:
    """The form at a path as a browser would send it, with some fields filled in."""
    return filled(await browser.get(path)) | fields


def filled(page: str) -> dict[str, Any]:
    """What stands in the fields of a page's form of an entry."""
    form = page.partition('<form class="entry"')[2].partition("</form>")[0]
    fields: dict[str, Any] = {}
    for tag in re.findall(r"<input [^>]*>", form):
        attributes = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if attributes.get("type") != "checkbox" or " checked" in tag:
            fields.setdefault(attributes["name"], []).append(unescape(attributes.get("value", "")))
    for name, text in re.findall(r'<textarea [^>]*name="(\w+)"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL):
        fields[name] = [unescape(text)]
    for name, options in re.findall(r'<select [^>]*name="(\w+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        fields[name] = re.findall(r'value="([^"]*)" selected', options) or [""]
    return fields


async def send(browser: Browser, where: str, fields: dict[str, Any], **more: Any) -> str:
    browser.page = await browser.http.post(f"/desk/{where}", data=fields | more)
    return browser.page.text


async def compared(browser: Browser, fields: dict[str, Any]) -> dict[str, Any]:
    """The form of the page that shows the difference."""
    return filled(await send(browser, "try", fields, do="compare"))


async def save(browser: Browser, fields: dict[str, Any]) -> str:
    """Look at the difference, then save."""
    return await send(browser, "save", await compared(browser, fields))


def log(folder: Path) -> list[str]:
    return git(folder, "log", "--format=%an: %s").splitlines()
