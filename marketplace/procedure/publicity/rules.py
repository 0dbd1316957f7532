"""Pure decisions about objections: what one must contain."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta

from marketplace.base.errors import Invalid
from marketplace.base.text import N_, Text
from marketplace.people.accounts.rules import Limit

RULING_DAYS = 7
"""Working days to answer an objection, unless the notice says otherwise."""
LEAST_WORDS = 10
FROM_ONE_ADDRESS = Limit(10, timedelta(hours=1))
"""Objections from one household or office in an hour: enough for people, too few for a machine."""

_NAME = re.compile(r"[\u3400-\u9fff·]{2,20}|[A-Za-z][A-Za-z .'\-]{2,59}")
_PHONE = re.compile(r"\+?\d[\d\-]{6,18}\d")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")


def check_objection(name: str, contact: str, text: str) -> tuple[str, str, str]:
    """Name, contact and text as they are kept: a real name, a way to answer, and something to answer."""
    name = " ".join(unicodedata.normalize("NFKC", name).split())
    contact = "".join(unicodedata.normalize("NFKC", contact).split())
    text = unicodedata.normalize("NFC", text).strip()
    errors: dict[str, list[Text | str]] = {}
    if not _NAME.fullmatch(name):
        errors["name"] = [N_("异议须实名提出，请填写真实姓名。")]
    if not _PHONE.fullmatch(contact) and not _EMAIL.fullmatch(contact):
        errors["contact"] = [N_("请填写可以联系到您的电话或电子邮箱。")]
    if len(text) < LEAST_WORDS:
        errors["text"] = [Text(N_("请说明异议的事实和理由，至少 {least} 个字。"), {"least": LEAST_WORDS})]
    if errors:
        raise Invalid(errors, "objection.incomplete")
    return name, contact, text


def masked(name: str) -> str:
    """A name as officers see it before they ask for it: the first character, the rest hidden."""
    return name[:1] + "*" * max(1, len(name) - 1)
