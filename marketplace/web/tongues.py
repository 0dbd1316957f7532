"""Chinese words on an English page, marked as Chinese, so that a screen reader pronounces them (WCAG 2.2, 3.1.2).

Names, titles and reasons that people entered stay in Chinese on every page, whatever its language. Templates need not
know which ones: when an English page is ready, every run of Chinese characters in it gets ``<span lang="zh-Hans">``,
or its element gets the attribute where a span cannot stand. Pages that are streamed, and anything but HTML, go as they
are.
"""

from __future__ import annotations

import re

from flask import Flask
from werkzeug.wrappers import Response

from marketplace.web.i18n import language

LANG = ' lang="zh-Hans"'
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_OPENING, _CLOSING = "（《【「『〔〈", "）》】」』〕〉。，、；：？！"

_VALUE = r"""=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+|(?=[\s>]))"""
_REST = rf"(?:[^>=]++|{_VALUE})*+>"
"""The rest of a tag after its name; a ``>`` in quotes after an equals sign does not end it."""

_SPOKEN_REST = rf"(?:[^>=l]++|l(?!ang\s*=)|{_VALUE})*+>"
"""The same without an attribute that names a language."""

_RUN = f"[{_OPENING}]*[{_HAN}](?:[^\\s<&]*[{_HAN}{_CLOSING}])?"
_TOKEN = re.compile(
    rf"""
    (?P<dull>(?:
        [^<{_HAN}{_OPENING}]++
      | [{_OPENING}]++(?![{_HAN}])
      | <(?![a-z/!?])
      | </[a-z]{_REST}
      | <(?!(?:title|textarea|script|style|svg|option|input|img)\b)[a-z]{_SPOKEN_REST}
      | <!--.*?-->
      | <(?!!--)[!?][^>]*>
    )++)
  | (?P<run>{_RUN}(?:[ ]{_RUN})*)
  | <(?P<name>[a-z][^\s/>]*)(?P<rest>{_REST})
    """,
    re.S | re.I | re.X,
)
_TAGS = re.compile(rf"<!--.*?-->|<(?P<ends>/?)(?P<name>[a-z][^\s/>]*)(?P<rest>{_REST})", re.S | re.I)
_ATTRIBUTE = re.compile(r"""([^\s=/>"']+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+)))?""")
_CHINESE = re.compile(f"[{_HAN}]")
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_RAW = frozenset({"script", "style", "title", "textarea"})
"""Elements in which a tag is text, up to their own end."""

_WHOLE = frozenset({"title", "textarea", "option"})
"""Elements that hold text alone: the language is said of the element."""

_SPOKEN = ("value", "placeholder", "alt")
"""What a screen reader says of an image and of a field, where an attribute is all there is."""


def init(app: Flask) -> None:
    """Mark every English page on its way out."""

    @app.after_request
    def _mark(response: Response) -> Response:
        if response.mimetype == "text/html" and response.is_sequence and language() == "en":
            before = response.get_data(as_text=True)
            after = marked(before)
            if after is not before:
                response.set_data(after)
        return response


def marked(html: str) -> str:
    """The same HTML with its Chinese marked; the same object when there is nothing to mark.

    What is not understood stays as it is: a tag that never ends, an element that is never closed.
    """
    if not _CHINESE.search(html):
        return html
    out: list[str] = []
    at = 0
    while at < len(html) and (token := _TOKEN.match(html, at)):
        at = token.end()
        if run := token["run"]:
            if run.count("(") > run.count(")") and html.startswith(")", at):
                run, at = run + ")", at + 1  # of a clause's number: 四(二)
            out.append(f"<span{LANG}>{run}</span>")
        elif token["name"] is None:
            out.append(token["dull"])
        else:
            piece, at = _element(html, token)
            out.append(piece)
    out.append(html[at:])
    return "".join(out)


def _element(html: str, token: re.Match[str]) -> tuple[str, int]:
    """An opening tag that matters, with as much of what follows as belongs to it, and where to go on."""
    name, rest, after = token["name"].lower(), token["rest"], token.end()
    given = {m[1].lower(): m[2] or m[3] or m[4] or "" for m in _ATTRIBUTE.finditer(rest)}
    foreign = not given.get("lang", "en").lower().startswith("en")
    if name in _VOID:
        speaks = "lang" not in given and given.get("type") != "hidden" and any(map(_chinese, map(given.get, _SPOKEN)))
        return f"<{token['name']}{LANG if speaks else ''}{rest}", after
    if name in ("script", "style", "svg") or foreign:
        end = after if rest.endswith("/>") else _end_of(html, name, after)
        return html[token.start() : end], end
    if name in _WHOLE:
        end = _end_of(html, name, after) if name in _RAW else html.find("<", after)
        end = len(html) if end < 0 else end
        speaks = "lang" not in given and _chinese(html[after:end])
        return f"<{token['name']}{LANG if speaks else ''}{rest}{html[after:end]}", end
    return token[0], after


def _chinese(text: str | None) -> bool:
    return text is not None and _CHINESE.search(text) is not None


def _end_of(html: str, name: str, start: int) -> int:
    """Where the element ends whose content begins at `start`; the end of the page when it is never closed."""
    if name in _RAW:
        closed = re.compile(rf"</{name}(?=[\s/>]){_REST}", re.I).search(html, start)
        return closed.end() if closed else len(html)
    depth = 1
    for tag in _TAGS.finditer(html, start):
        if tag["name"] is None or tag["name"].lower() != name or tag["rest"].endswith("/>"):
            continue
        depth += -1 if tag["ends"] else 1
        if depth == 0:
            return tag.end()
    return len(html)
