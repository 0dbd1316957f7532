"""A test client that reads every page as a strict reader would, and the checks it makes."""

from __future__ import annotations

import re
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from flask.testing import FlaskClient

REDIRECTS = (301, 302, 303, 307, 308)
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
LABELLED = ("input", "select", "textarea")
POINTERS = ("for", "aria-describedby", "aria-labelledby", "aria-controls", "list")


class PageFault(AssertionError):
    """A page that a strict parser, the content policy or a screen reader would stumble over."""


class PageClient(FlaskClient):
    """Flask's test client; any HTML answer that breaks a rule of `faults_of` fails the test at once."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and response.status_code not in REDIRECTS and response.get_data():
            faults = faults_of(_whole(response.get_data(as_text=True)))
            if faults:
                raise PageFault(f"{response.request.method} {response.request.path}:\n" + "\n".join(faults))
        return response


def unmarked(html: str) -> str:
    """An English page without the marks around its Chinese words, so that sentences are whole."""
    return re.sub(r'<span lang="zh-Hans">([^<]*)</span>', r"\1", html)


def without_english(html: str) -> str:
    """A Chinese page without what it marks as English, such as the interface for programs."""
    return re.sub(r'(<[^>]* lang="en"[^>]*>)[^<]*', r"\1", html)


def parse(html: str) -> Element:
    """The document as a tree without namespaces; a ParseError on any slip."""
    document: Element = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html)
    for element in document.iter():
        if isinstance(element.tag, str):
            element.tag = element.tag.rpartition("}")[2]  # of drawings, which keep theirs
    return document


def _whole(html: str) -> str:
    """A page as it is; a few elements that a script puts into a page, inside an empty one."""
    if html.lstrip().lower().startswith("<!doctype"):
        return html
    return f'<!doctype html><html lang="zh"><head><title>.</title></head><body><h1>.</h1>{html}</body></html>'


def faults_of(html: str) -> list[str]:
    """What is wrong with a whole page, in words; empty when nothing is."""
    try:
        document = parse(html)
    except html5lib.html5parser.ParseError as fault:
        return [f"not well-formed: {fault}"]
    return [*_policy(document), *_structure(document), *_pointers(document), *_forms(document)]


def _policy(document: Element) -> list[str]:
    """Whatever the content security policy would refuse to run or to paint."""
    faults = []
    for element in document.iter():
        tag = _tag(element)
        for name, value in element.attrib.items():
            if not isinstance(name, str):
                continue
            if name == "style" or name.startswith("on"):
                faults.append(f"<{tag}> has an inline {name}")
            if name in ("href", "src", "action", "formaction") and re.match(r"\s*(javascript|https?|//)", value):
                faults.append(f"<{tag}> leads away or runs: {name}={value}")
        if tag == "style" or (tag == "script" and "src" not in element.attrib):
            faults.append(f"inline <{tag}>")
    return faults


def _structure(document: Element) -> list[str]:
    faults = []
    if not document.get("lang"):
        faults.append("<html> names no language")
    title = document.find("head/title")
    if title is None or not (title.text or "").strip():
        faults.append("the page has no title")
    if len(list(document.iter("h1"))) != 1:
        faults.append(f"{len(list(document.iter('h1')))} <h1>, one is needed")
    levels = [int(_tag(e)[1]) for e in document.iter() if _tag(e) in HEADINGS]
    faults += [f"<h{b}> follows <h{a}>" for a, b in zip(levels, levels[1:], strict=False) if b > a + 1]
    for image in document.iter("img"):
        if "alt" not in image.attrib:
            faults.append(f"<img src={image.get('src')}> without alt")
    for control in (*document.iter("a"), *document.iter("button")):
        if not _words(control):
            faults.append(f"<{_tag(control)}> without words: {control.attrib}")
    return faults


def _pointers(document: Element) -> list[str]:
    ids = [e.attrib["id"] for e in document.iter() if "id" in e.attrib]
    faults = [f"id {name} stands twice" for name in sorted({i for i in ids if ids.count(i) > 1})]
    for element in document.iter():
        for name in POINTERS:
            faults += [
                f"<{_tag(element)} {name}> points to {i}, which is nowhere"
                for i in element.attrib.get(name, "").split()
                if i not in ids
            ]
        target = element.attrib.get("href", "")
        if _tag(element) == "a" and target.startswith("#") and target[1:] not in ids:
            faults.append(f"a link leads to {target}, which is nowhere")
    return faults


def _forms(document: Element) -> list[str]:
    faults = []
    labels = {label.get("for") for label in document.iter("label")}
    inside = {id(e) for label in document.iter("label") for e in label.iter()}
    for field in (e for e in document.iter() if _tag(e) in LABELLED):
        silent = field.get("type") in ("hidden", "submit", "button")
        named = field.get("id") in labels or id(field) in inside or field.get("aria-label") is not None
        if not silent and not named:
            faults.append(f"<{_tag(field)} name={field.get('name')}> has no label")
    for form in document.iter("form"):
        fields = {e.get("name") for e in form.iter("input")}
        if form.get("method", "get").lower() == "post" and "csrf_token" not in fields:
            faults.append(f"the form to {form.get('action')} carries no csrf_token")
    return faults


def _words(element: Element) -> str:
    """What a screen reader says of a link or a button."""
    if element.get("aria-label"):
        return element.get("aria-label", "")
    alternatives = " ".join(e.get("alt", "") for e in element.iter("img"))
    return ("".join(element.itertext()) + alternatives).strip()


def _tag(element: Element) -> str:
    return element.tag if isinstance(element.tag, str) else "#"
