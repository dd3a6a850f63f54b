"""Whether the addresses in the answers still lead somewhere: asked politely, one request a host at a time."""

from .asking import Checked, State, Web
from .doors import is_public, may_knock, resolve
from .looking import check
from .places import Place, addresses, places

__all__ = ["Checked", "Place", "State", "Web", "addresses", "check", "is_public", "may_knock", "places", "resolve"]
