"""One request as the routes see it, and the answers that are no 200."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web
from multidict import MultiMapping

from tests.forum.state import User

if TYPE_CHECKING:
    from tests.forum import Forum
    from tests.forum.access import Key

TEXTS = {  # the English ones as in server.en.yml [22]; the site's language decides, so nobody may match on them
    "en": {
        "invalid_key": "You are not permitted to view the requested resource. The API username or key is invalid.",
        "invalid_access": "You are not permitted to view the requested resource.",
        "not_logged_in": "You need to be logged in to do that.",
        "not_found": "The requested URL or resource could not be found.",
        "parameters": "You supplied invalid parameters to the request: {name}",
        "read_only": "The site is in read only mode. Interactions are disabled.",
        "edit_conflict": "That post was edited by another user and your changes can no longer be saved.",
        "too_late": "That post was created too long ago. It can no longer be edited or deleted.",
        "too_short": "Body is too short (minimum is {least} characters)",
        "too_long": "Body is limited to {most} characters; you entered {got}.",
        "unclear": "Body seems unclear, is it a complete sentence?",
        "just_posted": "Body is too similar to what you recently posted",
        "title_short": "Title is too short (minimum is {least} characters)",
        "title_long": "Title is too long (maximum is {most} characters)",
        "title_unclear": "Title seems unclear, most of the words contain the same letters over and over?",
        "title_used": "Title has already been used",
        "external_used": "External ID has already been taken",
        "no_topic": "The topic you tried to access could not be found or is closed.",
        "in_a_row": "No more than {most} consecutive replies are allowed. Please edit your previous reply instead.",
        "newcomer": "New users are limited to {most} replies in the same topic. Please edit one of your replies.",
        "mentions": "Sorry, you can only mention {most} users in a post.",
        "links": "Sorry, new users can only put {most} links in a post.",
        "slow": "Sorry, this topic is in slow mode. Please wait before you post again.",
        "nobody": "Select a valid user or group.",
        "wait": "You’ve performed this action too many times. Please wait {seconds} seconds before trying again.",
        "slow_down": "You’ve performed this action too many times, please try again later.",
        "deleted_post": "(post deleted by author)",
        "deleted_topic": "(topic deleted by author)",
    },
    "fr": {
        "invalid_key": "Vous n’êtes pas autorisé à voir cette ressource. Le nom ou la clé d’API est incorrect.",
        "invalid_access": "Vous n’êtes pas autorisé à voir cette ressource.",
        "not_logged_in": "Vous devez être connecté pour faire cela.",
        "not_found": "L’URL ou la ressource demandée est introuvable.",
        "parameters": "Paramètres invalides : {name}",
        "read_only": "Le site est en lecture seule.",
        "edit_conflict": "Ce message a été modifié entre-temps ; vos changements ne peuvent pas être enregistrés.",
        "too_late": "Ce message est trop ancien pour être modifié ou supprimé.",
        "too_short": "Le corps du message est trop court (au moins {least} caractères)",
        "too_long": "Le corps est limité à {most} caractères ; il en a {got}.",
        "unclear": "Le corps n’est pas clair, est-ce une phrase entière ?",
        "just_posted": "Le corps ressemble trop à ce que vous avez posté récemment",
        "title_short": "Le titre est trop court (au moins {least} caractères)",
        "title_long": "Le titre est trop long (au plus {most} caractères)",
        "title_unclear": "Le titre n’est pas clair",
        "title_used": "Le titre est déjà utilisé",
        "external_used": "L’identifiant externe est déjà pris",
        "no_topic": "Le sujet est introuvable ou fermé.",
        "in_a_row": "Pas plus de {most} réponses de suite. Modifiez plutôt votre réponse précédente.",
        "newcomer": "Les nouveaux sont limités à {most} réponses dans un sujet.",
        "mentions": "Vous ne pouvez mentionner que {most} personnes dans un message.",
        "links": "Les nouveaux ne peuvent mettre que {most} liens dans un message.",
        "slow": "Ce sujet est en mode lent. Attendez avant de poster à nouveau.",
        "nobody": "Choisissez une personne ou un groupe.",
        "wait": "Vous avez fait cela trop souvent. Attendez {seconds} secondes avant de réessayer.",
        "slow_down": "Vous avez fait cela trop souvent, réessayez plus tard.",
        "deleted_post": "(message supprimé par son auteur)",
        "deleted_topic": "(sujet supprimé par son auteur)",
    },
}


class Refusal(Exception):
    """An answer other than 200; `body` is JSON, or text as it stands."""

    def __init__(self, status: int, body: Any, headers: Mapping[str, str] | None = None, kind: str = "") -> None:
        super().__init__(status)
        self.status, self.body, self.headers, self.kind = status, body, headers or {}, kind

    def response(self) -> web.Response:
        if isinstance(self.body, str):
            return web.Response(
                status=self.status, text=self.body, headers=self.headers, content_type=self.kind or "text/plain"
            )
        return web.json_response(self.body, status=self.status, headers=self.headers)


@dataclass
class Ask:
    """`key`: that it came with; None: a visitor. `user`: who asks. `body`, `query`: `a[b]`, `a[]` taken apart."""

    forum: Forum
    request: web.BaseRequest
    path: tuple[str, ...] = ()
    route: str = ""
    key: Key | None = None
    user: User | None = None
    query: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)

    @property
    def api(self) -> bool:
        """[22]: true for an Api-Key alone, a User-Api-Key is a browser."""
        return self.key is not None and not self.key.browser

    def say(self, name: str, /, **values: object) -> str:
        return TEXTS[self.forum.site.locale][name].format(**values)

    def refusal(self, status: int, text: str, kind: str = "", /, **values: object) -> Refusal:
        body: dict[str, Any] = {"errors": [self.say(text, **values)]}
        return Refusal(status, body | ({"error_type": kind} if kind else {}))

    def not_found(self, *, topic: bool = False) -> Refusal:
        """Of a topic with a whole HTML page in `extras` [22 rescue_discourse_actions]."""
        body: dict[str, Any] = {"errors": [self.say("not_found")], "error_type": "not_found"}
        page = {"title": "Page introuvable", "html": "<div class='page-not-found'><h1>Oups</h1></div>", "group": None}
        return Refusal(404, body | ({"extras": page} if topic else {}))

    def forbidden(self) -> Refusal:
        return self.refusal(403, "invalid_access", "invalid_access")

    def parameters(self, name: str) -> Refusal:
        return self.refusal(400, "parameters", "invalid_parameters", name=name)

    def logged_in(self) -> User:
        if self.user is None:
            raise self.refusal(403, "not_logged_in", "not_logged_in")
        return self.user

    def number(self, name: str, default: int | None = None) -> int | None:
        """As Ruby's to_i: what is no number counts as 0."""
        if name not in self.query:
            return default
        found = re.match(r"\s*-?\d+", str(self.query[name]))
        return int(found[0]) if found else 0


def taken_apart(pairs: MultiMapping[Any]) -> dict[str, Any]:
    """`a[]=1&a[]=2&b[c]=3` as {"a": ["1", "2"], "b": {"c": "3"}}."""
    found: dict[str, Any] = {}
    for name, value in pairs.items():
        outer, _, inner = name.partition("[")
        if name.endswith("[]"):
            found.setdefault(name[:-2], []).append(value)
        elif inner:
            found.setdefault(outer, {})[inner.rstrip("]")] = value
        else:
            found[name] = value
    return found


async def body_of(request: web.BaseRequest) -> dict[str, Any]:
    """Form, multipart or JSON [OAS]."""
    if request.content_type == "application/json":
        try:
            given = json.loads(await request.read() or b"{}")
        except ValueError:
            raise Refusal(400, {"status": 400, "error": "Bad Request"}) from None
        return given if isinstance(given, dict) else {}
    return taken_apart(await request.post())


def yes(value: object) -> bool:
    return str(value).lower() == "true"
