"""Style, script and icons: our own few files, and third-party ones out of their carrier packages. No CDN, no copy."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, send_from_directory, url_for
from markupsafe import Markup

from marketplace.web.security import PUBLIC, access

OWN = Path(__file__).parent.parent / "static"
_SYMBOL = re.compile(r'<symbol[^>]*?viewBox="(?P<box>[^"]+)"[^>]*?id="(?P<id>[^"]+)"[^>]*>(?P<body>.*?)</symbol>', re.S)
bp = Blueprint("assets", __name__, url_prefix="/assets")


@cache
def carriers() -> dict[str, Path]:
    """Public name → file inside an installed package (the package itself is never imported)."""
    bootstrap = _package("flask_bootstrap") / "static" / "bootstrap5"
    return {
        "bootstrap.css": bootstrap / "css" / "bootstrap.min.css",
        "bootstrap.js": bootstrap / "js" / "bootstrap.bundle.min.js",
        "htmx.js": _htmx(),
    }


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"the asset carrier {name} is not installed")
    return Path(spec.origin).parent


def _htmx() -> Path:
    return next(_package("js_lib_htmx").rglob("htmx.min.js"))


@cache
def _symbols() -> dict[str, tuple[str, str]]:
    """Every icon of the carrier's sprite: name → (viewBox, drawing)."""
    sprite = (_package("flask_bootstrap") / "static" / "bootstrap5" / "icons" / "bootstrap-icons.svg").read_text()
    return {m["id"]: (m["box"], m["body"]) for m in _SYMBOL.finditer(sprite)}


@cache
def icon(name: str, size: int = 18) -> Markup:
    """One Bootstrap icon as inline SVG; decoration only, so hidden from screen readers."""
    box, body = _symbols()[name]
    return Markup(  # noqa: S704 - the drawing comes from the locked carrier package
        f'<svg class="icon" width="{size}" height="{size}" viewBox="{box}" fill="currentColor" '
        f'aria-hidden="true" focusable="false">{body}</svg>'
    )


@cache
def version(name: str) -> str:
    """A short digest of a file, so that browsers may keep it for ever."""
    path = carriers().get(name) or OWN / name
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def address(name: str) -> str:
    """The address of an asset, with its digest."""
    endpoint = "assets.carried" if name in carriers() else "assets.own"
    return url_for(endpoint, name=name, v=version(name))


@bp.get("/lib/<name>")
@access(PUBLIC)
def carried(name: str) -> Response:
    path = carriers().get(name)
    if path is None:
        abort(404)
    return send_from_directory(path.parent, path.name, max_age=31_536_000)


@bp.get("/own/<path:name>")
@access(PUBLIC)
def own(name: str) -> Response:
    return send_from_directory(OWN, name, max_age=31_536_000)


def init(app: Flask) -> None:
    app.register_blueprint(bp)
    app.jinja_env.globals.update(asset=address, icon=icon)
