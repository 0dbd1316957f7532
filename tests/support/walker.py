"""Somebody at a browser, without a browser: reads pages strictly, fills their forms, presses their buttons."""

from __future__ import annotations

import io
import re
from typing import Any
from xml.etree.ElementTree import Element

from flask import Flask
from werkzeug.test import TestResponse

from tests.support.html import PageClient, parse, unmarked

File = tuple[str, bytes]
"""A file to upload: its name and content."""


class Walker:
    """One person's way through the pages. Knows nothing of the platform but what its pages show."""

    def __init__(self, app: Flask, name: str = "visitor") -> None:
        self.client = PageClient(app, response_wrapper=app.response_class)
        self.name = name
        self.page: Element | None = None
        self.address = "/"
        self.text = ""
        self.status = 200

    def get(self, address: str, status: int = 200) -> Walker:
        """Open a page, following redirects."""
        self._keep(self.client.get(address, follow_redirects=True))
        assert self.status == status, f"{self.name}: GET {address}: {self.status}\n{self.words()[:1500]}"
        return self

    def _keep(self, response: TestResponse) -> None:
        self.status = response.status_code
        self.address = response.request.path
        self.text = unmarked(response.get_data(as_text=True)) if response.mimetype.startswith("text/") else ""
        self.page = parse(self.text) if response.mimetype == "text/html" and self.text else None
        response.close()

    def words(self) -> str:
        """The text of the page's main part, white space folded."""
        assert self.page is not None
        main = next(iter(self.page.iter("main")), self.page)
        return re.sub(r"\s+", " ", " ".join(main.itertext())).strip()

    def link(self, words: str) -> str:
        """The address behind the first link whose text contains the words, the page's own before the frame's."""
        assert self.page is not None
        main = next(iter(self.page.iter("main")), self.page)
        for anchor in [*main.iter("a"), *self.page.iter("a")]:
            if words in "".join(anchor.itertext()) and anchor.get("href"):
                return str(anchor.get("href"))
        raise AssertionError(f"{self.name}: no link “{words}” on {self.address}: {self.words()[:1500]}")

    def follow(self, words: str) -> Walker:
        """Follow a link by its text."""
        return self.get(self.link(words))

    def forms(self) -> list[Element]:
        assert self.page is not None
        main = next(iter(self.page.iter("main")), self.page)
        return list(main.iter("form"))

    def press(self, words: str, status: int = 200, **fields: Any) -> Walker:
        """Press the button with these words, with its form filled in: values, ``~words`` of a choice, lists, files."""
        for form in self.forms():
            for button in form.iter("button"):
                if words in "".join(button.itertext()):
                    return self._send(form, button, fields, status)
        raise AssertionError(f"{self.name}: no button “{words}” on {self.address}: {self.words()[:1500]}")

    def _send(self, form: Element, button: Element, fields: dict[str, Any], status: int) -> Walker:
        data = _filled(form)
        unknown = set(fields) - _names(form)
        assert not unknown, f"{self.name}: {self.address} has no fields {unknown}; it has {sorted(_names(form))}"
        for name, value in fields.items():
            if isinstance(value, tuple) and isinstance(value[1], bytes):
                value = (io.BytesIO(value[1]), value[0])
            elif isinstance(value, str) and value.startswith("~"):
                value = self._option(form, name, value[1:])
            data[name] = value
        if button.get("name"):
            data[str(button.get("name"))] = button.get("value", "")
        action = button.get("formaction") or form.get("action") or self.address
        multipart = form.get("enctype") == "multipart/form-data"
        self._keep(
            self.client.post(
                action,
                data=data,
                content_type="multipart/form-data" if multipart else "application/x-www-form-urlencoded",
                follow_redirects=True,
            )
        )
        assert self.status == status, f"{self.name}: POST {action}: {self.status}\n{self.words()[:1500]}"
        return self

    def post(self, address: str, status: int = 200) -> Walker:
        """What no button offers: the address of an act, sent by hand with the page's own token."""
        assert self.page is not None
        token = next(e.get("value") for e in self.page.iter("input") if e.get("name") == "csrf_token")
        self._keep(self.client.post(address, data={"csrf_token": token}, follow_redirects=True))
        assert self.status == status, f"{self.name}: POST {address}: {self.status}\n{self.words()[:1500]}"
        return self

    def _option(self, form: Element, name: str, words: str) -> str:
        """The value of the choice that reads like this: people see words, not values."""
        for element in form.iter("select"):
            for option in element.iter("option") if element.get("name") == name else ():
                if words in "".join(option.itertext()):
                    return option.get("value", "")
        raise AssertionError(f"{self.name}: {self.address} offers no “{words}” as {name}")

    def sign_in(self, phone: str, password: str) -> Walker:
        """Through the door, as anybody."""
        self.get("/account/sign-in")
        return self.press("登录", login=phone, password=password)

    def sign_up(self, name: str, phone: str, password: str) -> Walker:
        self.get("/account/sign-up")
        return self.press("注册", name=name, phone=phone, password=password)


def _names(form: Element) -> set[str]:
    return {str(e.get("name")) for e in form.iter() if e.tag in ("input", "select", "textarea") and e.get("name")}


def _filled(form: Element) -> dict[str, Any]:
    """What a browser would send of a form as it stands."""
    data: dict[str, Any] = {}
    for element in form.iter():
        name = element.get("name")
        if not name or element.tag not in ("input", "select", "textarea"):
            continue
        if element.tag == "textarea":
            data[name] = "".join(element.itertext())
        elif element.tag == "select":
            options = list(element.iter("option"))
            chosen = [o for o in options if "selected" in o.attrib] or options[:1]
            data[name] = chosen[0].get("value", "") if chosen else ""
        elif element.get("type") in ("checkbox", "radio"):
            if "checked" in element.attrib:
                data.setdefault(name, []).append(element.get("value", "on"))
        elif element.get("type") == "file":
            continue
        else:
            data[name] = element.get("value", "")
    return data
