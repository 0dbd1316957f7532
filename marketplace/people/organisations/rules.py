"""Pure decisions about organisations: size, names, accounts, relations."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from marketplace.base import workdays
from marketplace.base.clock import SHANGHAI
from marketplace.base.errors import Refusal
from marketplace.base.roles import Role
from marketplace.base.text import N_
from marketplace.people.organisations import industries
from marketplace.people.organisations.states import SizeClass

COOLING_WORKDAYS = 3
WAN = 10_000 * 100
"""One 万元 in fen."""

_FOR_ONESELF = {None, Role.ENTERPRISE, Role.PROVIDER, Role.EXPERT}
"""Whoever registers a firm in one of these roles, or in none yet, does so for herself."""

_PHONE = re.compile(r"\+?\d[\d\-]{5,18}\d")


def on_behalf(role: Role | None) -> bool:
    """Whether somebody in this role registers a firm for others: an officer of an authority, or an administrator."""
    return role not in _FOR_ONESELF


def size_class(industry: str, employees: int | None, revenue_fen: int | None) -> SizeClass | None:
    """Size by 工信部联企业〔2011〕300号, for industry (工业): people employed and yearly revenue in fen.

    A class needs both of its lower limits; a firm that misses one falls to the next class down. None when a figure
    is missing or the firm is not of industry.
    """
    if employees is None or revenue_fen is None or not industries.is_industrial(industry):
        return None
    limits = (
        (SizeClass.LARGE, 1000, 40_000 * WAN),
        (SizeClass.MEDIUM, 300, 2_000 * WAN),
        (SizeClass.SMALL, 20, 300 * WAN),
    )
    for size, people, revenue in limits:
        if employees >= people and revenue_fen >= revenue:
            return size
    return SizeClass.MICRO


def normal_name(text: str) -> str:
    """A name for comparison: NFKC, without spaces, letters in one case."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def check_text(text: str, field_: str, *, most: int = 120) -> str:
    """A line of text as it is stored, or a refusal when it is empty or too long."""
    line = " ".join(unicodedata.normalize("NFC", text).split())
    if not line or len(line) > most:
        raise Refusal("text.length", N_("请填写 1 至 {most} 个字符。"), field=field_, most=most)
    return line


def check_phone(text: str) -> str:
    """A telephone number, mobile or landline, as it is stored."""
    bare = unicodedata.normalize("NFKC", text).replace(" ", "").strip()
    if not _PHONE.fullmatch(bare):
        raise Refusal("phone.invalid", N_("请填写有效的电话号码。"), field="phone")
    return bare


def check_figures(employees: int | None, revenue_fen: int | None) -> None:
    """Refuse figures that cannot be."""
    if employees is not None and not 0 <= employees <= 10_000_000:
        raise Refusal("organisation.employees", N_("请填写从业人员数。"), field="employees")
    if revenue_fen is not None and revenue_fen < 0:
        raise Refusal("organisation.revenue", N_("营业收入不能为负。"), field="revenue_fen")


def check_account_number(text: str) -> str:
    """An account number as digits only: 8 to 30 of them."""
    bare = re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", text))
    if not re.fullmatch(r"\d{8,30}", bare, re.ASCII):
        raise Refusal("account.number", N_("账号应为 8 至 30 位数字。"), field="number")
    return bare


def check_bank_code(text: str) -> str:
    """A bank's 12-digit line number (联行号), or nothing."""
    bare = unicodedata.normalize("NFKC", text).strip()
    if bare and not re.fullmatch(r"\d{12}", bare, re.ASCII):
        raise Refusal("account.bank_code", N_("联行号应为 12 位数字。"), field="bank_code")
    return bare


def check_holder(holder_name: str, organisation_name: str) -> None:
    """Money goes only to an account in the organisation's own name (`account.holder_differs`)."""
    if normal_name(holder_name) != normal_name(organisation_name):
        raise Refusal(
            "account.holder_differs",
            N_("户名“{holder}”与单位名称“{name}”不一致。"),
            field="holder_name",
            holder=holder_name,
            name=organisation_name,
        )


def cooled(today: date) -> datetime:
    """The first moment at which an account confirmed today may be paid: after three whole working days."""
    last = workdays.add_workdays(today, COOLING_WORKDAYS).day
    return datetime.combine(last + timedelta(days=1), time(), SHANGHAI)


@dataclass(frozen=True)
class Holder:
    """One owner's share of an organisation, in ten-thousandths."""

    name: str
    uscc: str | None
    share_bps: int


def check_holders(holders: Sequence[Holder]) -> None:
    """Refuse shares that exceed the whole, or one owner named twice."""
    if sum(h.share_bps for h in holders) > 10_000 or any(h.share_bps < 1 for h in holders):
        raise Refusal("shareholders.sum", N_("持股比例应大于零，合计不超过 100%。"), field="shareholders")
    if len({(normal_name(h.name), h.uscc) for h in holders}) != len(holders):
        raise Refusal("shareholders.twice", N_("同一股东不能填写两次。"), field="shareholders")


@dataclass(frozen=True)
class Profile:
    """What relations between organisations are read from."""

    uscc: str
    name: str
    legal_representatives: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()
    holders: tuple[Holder, ...] = ()
    accounts: frozenset[str] = field(default=frozenset())


def phone_key(text: str) -> str:
    """A telephone number for comparison: its digits, without the country's own code."""
    bare = unicodedata.normalize("NFKC", text)
    digits = "".join(c for c in bare if c.isdigit())
    return digits[2:] if bare.lstrip().startswith("+86") else digits


def relations(a: Profile, b: Profile, *, least_bps: int = 1) -> list[str]:
    """In what two organisations are related: codes like ``same.legal_representative``, ``holds``; else nothing.

    Histories count: a representative who left last month still relates two firms. Owners count from a share of
    `least_bps` ten-thousandths on.
    """
    a, b = (replace(one, holders=tuple(h for h in one.holders if h.share_bps >= least_bps)) for one in (a, b))
    found = []
    if a.uscc == b.uscc:
        found.append("same.organisation")
    for code, key, left, right in (
        ("same.legal_representative", normal_name, a.legal_representatives, b.legal_representatives),
        ("same.phone", phone_key, a.phones, b.phones),
        ("same.address", normal_name, a.addresses, b.addresses),
        ("same.account", normal_name, a.accounts, b.accounts),
    ):
        if {key(x) for x in left if x} & {key(x) for x in right if x}:
            found.append(code)
    if _holds(a, b) or _holds(b, a):
        found.append("holds")
    if {_key(h) for h in a.holders} & {_key(h) for h in b.holders}:
        found.append("same.shareholder")
    if _runs(a, b) or _runs(b, a):
        found.append("representative.holds")
    return found


def _key(holder: Holder) -> str:
    return holder.uscc or normal_name(holder.name)


def _holds(a: Profile, b: Profile) -> bool:
    return any(h.uscc == a.uscc or normal_name(h.name) == normal_name(a.name) for h in b.holders)


def _runs(a: Profile, b: Profile) -> bool:
    """Whether a's legal representative owns a part of b."""
    people = {normal_name(p) for p in a.legal_representatives}
    return any(h.uscc is None and normal_name(h.name) in people for h in b.holders)
