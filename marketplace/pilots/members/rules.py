"""Pure decisions about memberships. What the policy demands is the book's; here it meets the enterprise."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from marketplace.base.errors import Invalid, Refusal
from marketplace.base.text import N_
from marketplace.people.organisations.models import Organisation
from marketplace.people.organisations.states import CapacityKind, OrganisationState, SizeClass
from marketplace.pilots.members.models import Member
from marketplace.pilots.members.states import MemberState
from marketplace.pilots.programmes.models import Pilot
from marketplace.policy.books.model import Book
from marketplace.policy.engine import acts
from marketplace.policy.engine.facts import Enterprises, Facts, target_level
from marketplace.policy.engine.judge import judge
from marketplace.policy.engine.pilot import Pilot as JudgedPilot
from marketplace.policy.engine.refusal import refuse
from marketplace.policy.engine.verdict import Check
from marketplace.policy.sanctions.models import Ban

SIZE_CLAUSE = "工信部联企业〔2011〕300号"
"""What says who is a small or medium-sized enterprise: a rule of the state, not of one policy."""
KEY_LINK_CHECK = "targets.key_link_share"


@dataclass(frozen=True)
class Nomination:
    """What is said of an enterprise when it is put forward. Levels are steps of the book's scale."""

    focus: str
    target_level: str
    key_link: bool = False
    key_enterprise: bool = False
    baseline_level: str | None = None
    urgency: int = 1
    note: str = ""


def step(book: Book, level: str | None, field: str) -> str | None:
    """A level as the book's scale writes it (``6`` gives ``L6``); what is none of its steps is unusable."""
    if level is None or not level.strip():
        return None
    rank = book.level_scale.rank(level)
    if rank is None:
        raise Invalid({field: [N_("请填写水平等级，如 L6。")]})
    return book.level_scale.levels[rank - 1]


def check_enterprise(book: Book, pilot: Pilot, enterprise: Organisation, capacities: Iterable[CapacityKind]) -> None:
    """Refuse whoever is no confirmed small or medium-sized enterprise of the pilot's city."""
    clause = book.targets.key_link_clause
    if enterprise.state is not OrganisationState.CONFIRMED:
        raise Refusal(
            "organisation.not_confirmed",
            N_("“{name}”的身份尚未经主管部门确认，不能办理此事项。"),
            clause=clause,
            name=enterprise.name,
        )
    if CapacityKind.ENTERPRISE not in set(capacities):
        raise Refusal("member.no_enterprise", N_("“{name}”未登记为企业。"), clause=clause, name=enterprise.name)
    if enterprise.city != pilot.city:
        raise Refusal("member.outside_city", N_("“{name}”不在试点所在城市。"), clause=clause, name=enterprise.name)
    if enterprise.size_class is None:
        raise Refusal(
            "member.size_unknown",
            N_("“{name}”尚无划型结果：行业应为工业，并填报从业人员和营业收入。"),
            clause=SIZE_CLAUSE,
            name=enterprise.name,
        )
    if enterprise.size_class is SizeClass.LARGE:
        raise Refusal(
            "member.large",
            N_("“{name}”为大型企业（从业人员 1000 人及以上且营业收入 4 亿元及以上），不属于中小企业。"),
            clause=SIZE_CLAUSE,
            name=enterprise.name,
        )


def check_focus(book: Book, pilot: Pilot, name: str, focus: str, *, key_enterprise: bool) -> None:
    """Refuse who does not belong to the plan's cluster or chain, or is no key enterprise where one is asked."""
    refuse(
        acts.member(book, pilot.type, name, focus=focus, plan_focus=pilot.focus, key_enterprise=key_enterprise),
        field="focus",
    )


def check_target(book: Book, target: str, *, key_link: bool) -> None:
    """Refuse a target below what the book demands of a key link or of others (二(二))."""
    wanted = target_level(book, key_link)
    if (book.level_scale.rank(target) or 0) < wanted:
        raise Refusal(
            "member.target_too_low",
            N_("目标水平 {target} 低于要求的 {wanted}（产业链关键环节企业 {key}，其他企业 {other}）。"),
            clause=book.targets.level_clause,
            field="target_level",
            target=target,
            wanted=book.level_scale.levels[wanted - 1],
            key=book.targets.key_link_level,
            other=book.targets.other_level,
        )


def check_ban(ban: Ban | None) -> None:
    """Refuse who is banned."""
    if ban is not None:
        raise Refusal(
            "member.banned",
            N_("“{name}”被取消资格至 {until}。"),
            clause=ban.clause,
            name=ban.subject_name,
            until=ban.until_day,
        )


def already(book: Book, name: str) -> Refusal:
    """The refusal of a second live membership in a programme: one enterprise is not supported twice (四(二))."""
    return Refusal(
        "member.already",
        N_("“{name}”已在本项目一个试点的改造企业名单中，同一项目不得重复支持。"),
        clause=book.other_support.clause,
        field="enterprise_id",
        name=name,
    )


def check_live(book: Book, pilot: Pilot, name: str, member: Member | None) -> Member:
    """The live membership, or the refusal: not on the list (二(一)), or no more of the plan's cluster or chain."""
    if member is None or member.state is not MemberState.CONFIRMED:
        raise Refusal(
            "member.not_in_pilot",
            N_("“{name}”不在试点“{pilot}”的改造企业名单中。"),
            clause=book.targets.key_link_clause,
            name=name,
            pilot=pilot.name,
        )
    check_focus(book, pilot, name, member.chain_or_cluster, key_enterprise=member.key_enterprise)
    return member


def within_focus(book: Book, pilot: Pilot, name: str, member: Member) -> bool:
    """Whether `check_live` has nothing against a membership."""
    try:
        check_live(book, pilot, name, member)
    except Refusal:
        return False
    return True


def key_link_check(book: Book, judged: JudgedPilot, *, selected: int, key_link: int) -> Check | None:
    """The engine's word on the share of key links among the selected, where the book has that check (二(一))."""
    facts = Facts(enterprises=Enterprises(selected=selected, key_link=key_link))
    return next((check for check in judge(book, judged, facts).checks if check.code == KEY_LINK_CHECK), None)
