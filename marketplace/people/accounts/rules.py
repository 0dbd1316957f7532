"""Pure decisions about persons and roles."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import timedelta

from marketplace.base.errors import Refusal
from marketplace.base.roles import Role
from marketplace.base.text import N_
from marketplace.people.regions.states import RegionKind

SESSION_HOURS = 12
"""A sign-in ends with the working day, whatever happens."""
IDLE_HOURS = 2
"""A browser left alone is signed out: the age of its signed cookie, so that looking never writes."""
INVITATION_DAYS = 7
SUBSTITUTE_DAYS = 90
TOKEN_DAYS = 366

GRANTS: dict[Role, frozenset[Role]] = {
    Role.ADMIN: frozenset(Role),
    Role.CITY: frozenset({Role.PILOT, Role.FINANCE, Role.EXPERT, Role.AUDITOR}),
    Role.ENTERPRISE: frozenset({Role.ENTERPRISE}),
    Role.PROVIDER: frozenset({Role.PROVIDER}),
}
"""Which roles each role may give, inside its own place."""


@dataclass(frozen=True)
class Limit:
    """How many attempts of one kind are allowed within a window."""

    attempts: int
    window: timedelta


SIGN_IN_ACCOUNT = Limit(8, timedelta(minutes=10))
SIGN_IN_ADDRESS = Limit(60, timedelta(minutes=10))
"""An office behind one address signs in together in the morning; a machine guessing does not stay below this."""
SIGN_UP_ADDRESS = Limit(20, timedelta(hours=1))
SIGN_UP_TOLD = Limit(1, timedelta(days=1))
RESET_ACCOUNT = Limit(3, timedelta(hours=1))
RESET_ADDRESS = Limit(20, timedelta(hours=1))
RESET_HOLDS = timedelta(minutes=30)
"""So long a link to a new password holds."""

_PHONE = re.compile(r"1[3-9]\d{9}")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")


def normal_phone(text: str) -> str:
    """A mainland mobile number as 11 digits; refuses anything else (`phone.invalid`)."""
    bare = re.sub(r"[\s\-()]", "", unicodedata.normalize("NFKC", text)).removeprefix("+86").removeprefix("0086")
    if not _PHONE.fullmatch(bare):
        raise Refusal("phone.invalid", N_("请填写 11 位手机号码。"), field="phone")
    return bare


def normal_email(text: str | None) -> str | None:
    """An e-mail address in lower case, None when empty; refuses what is none (`email.invalid`)."""
    bare = unicodedata.normalize("NFKC", text or "").strip().casefold()
    if not bare:
        return None
    if len(bare) > 254 or not _EMAIL.fullmatch(bare):
        raise Refusal("email.invalid", N_("请填写有效的电子邮箱。"), field="email")
    return bare


def normal_login(text: str) -> str:
    """What somebody typed to sign in, as a phone number or e-mail address; anything else as it stands."""
    bare = unicodedata.normalize("NFKC", text).strip()[:254]
    if "@" in bare:
        return bare.casefold()
    return re.sub(r"[\s\-()]", "", bare).removeprefix("+86").removeprefix("0086")


def check_region(role: Role, kind: RegionKind) -> None:
    """Refuse a place that does not fit the role: a city's officer has a city, the province's a province."""
    fitting = {
        Role.CITY: {RegionKind.CITY},
        Role.PROVINCE: {RegionKind.PROVINCE},
        Role.AUDITOR: {RegionKind.CITY, RegionKind.PROVINCE},
        Role.EXPERT: {RegionKind.CITY, RegionKind.PROVINCE},
        Role.FINANCE: {RegionKind.CITY, RegionKind.COUNTY, RegionKind.ZONE},
        Role.PILOT: {RegionKind.CITY, RegionKind.COUNTY, RegionKind.ZONE},  # a whole city may be a pilot
    }.get(role, set())
    if kind not in fitting:
        raise Refusal("assignment.region", N_("该身份与所选地区的层级不符。"), field="region")
