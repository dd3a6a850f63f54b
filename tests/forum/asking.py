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
    from tests.forum.routes import Key

TEXTS = {  # in the site's language, so nobody may match on them
    "invalid_key": "Vous n’êtes pas autorisé à voir cette ressource. Le nom ou la clé d’API est incorrect.",
    "invalid_access": "Vous n’êtes pas autorisé à voir cette ressource.",
    "not_logged_in": "Vous devez être connecté pour faire cela.",
    "not_found": "L’URL ou la ressource demandée est introuvable.",
    "parameters": "Paramètres invalides : {name}",
    "read_only": "Le site est en lecture seule.",
    "too_late": "Ce message est trop ancien pour être modifié ou supprimé.",
    "too_short": "Le corps du message est trop court (au moins {least} caractères)",
    "too_long": "Le corps est limité à {most} caractères ; il en a {got}.",
    "just_posted": "Le corps ressemble trop à ce que vous avez posté récemment",
    "title_short": "Le titre est trop court (au moins {least} caractères)",
    "title_used": "Le titre est déjà utilisé",
    "external_used": "L’identifiant externe est déjà pris",
    "no_topic": "Le sujet est introuvable ou fermé.",
    "in_a_row": "Pas plus de {most} réponses de suite. Modifiez plutôt votre réponse précédente.",
    "nobody": "Choisissez une personne ou un groupe.",
    "wait": "Vous avez fait cela trop souvent. Attendez {seconds} secondes avant de réessayer.",
    "slow_down": "Vous avez fait cela trop souvent, réessayez plus tard.",
    "deleted_post": "(message supprimé par son auteur)",
    "deleted_topic": "(sujet supprimé par son auteur)",
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
    """`key`: that it came with; None: a visitor. `user`: who asks. `query`: `a[]` taken apart."""

    forum: Forum
    request: web.BaseRequest
    path: tuple[str, ...] = ()
    route: str = ""
    key: Key | None = None
    user: User | None = None
    query: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)

    def refusal(self, status: int, text: str, kind: str = "", /, **values: object) -> Refusal:
        body: dict[str, Any] = {"errors": [TEXTS[text].format(**values)]}
        return Refusal(status, body | ({"error_type": kind} if kind else {}))

    def not_found(self, *, topic: bool = False) -> Refusal:
        """Of a topic with a whole HTML page in `extras` [22 rescue_discourse_actions]."""
        body: dict[str, Any] = {"errors": [TEXTS["not_found"]], "error_type": "not_found"}
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

    def number(self, name: str, default: int = 0) -> int:
        """As Ruby's to_i: what is no number counts as 0."""
        found = re.match(r"\s*-?\d+", str(self.query.get(name, default)))
        return int(found[0]) if found else 0


def taken_apart(pairs: MultiMapping[Any]) -> dict[str, Any]:
    """`a[]=1&a[]=2&b=3` as {"a": ["1", "2"], "b": "3"}."""
    found: dict[str, Any] = {}
    for name, value in pairs.items():
        if name.endswith("[]"):
            found.setdefault(name[:-2], []).append(value)
        else:
            found[name] = value
    return found


async def body_of(request: web.BaseRequest) -> dict[str, Any]:
    try:
        given = json.loads(await request.read() or b"{}")
    except ValueError:
        raise Refusal(400, {"status": 400, "error": "Bad Request"}) from None
    return given if isinstance(given, dict) else {}
