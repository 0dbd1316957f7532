"""Single steps against the book: each function returns its findings, an empty list where nothing stands against it.

All read the book and their arguments alone. Money is fen.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from marketplace.policy.books.model import Book, Sanction
from marketplace.policy.engine.facts import target_level
from marketplace.policy.engine.finding import Finding, find
from marketplace.policy.engine.pilot import Pilot
from marketplace.policy.engine.room import refused_category
from marketplace.policy.engine.rows import Standing, category_names, folded
from marketplace.policy.engine.verdict import WHOLE, percent, yuan


def award(book: Book, type_code: str, class_code: str, amount: int) -> list[Finding]:
    """Whether an award is within the cap of the class (四(一))."""
    entry = book.types[type_code].classes[class_code]
    if amount <= entry.award_cap:
        return []
    names = (entry.name_zh, entry.name_en)
    return find(book, "award.above_cap", amount=yuan(amount), limit=yuan(entry.award_cap), pilot_class=names)


def release(book: Book, pilot: Pilot, released: int, amount: int, *, evaluated: bool) -> list[Finding]:
    """Whether the province may release `amount` after `released`: share due by `pilot.as_of`, evaluation made (四(一)).

    `evaluated` says that the mid-term evaluation stands and allows the payment.
    """
    over = {"approval": True, "year1_end": pilot.year1_over, "year2_end": pilot.period_over}
    due = [tranche for tranche in book.tranches.values() if over[tranche.available]]
    free = sum(tranche.share_bps for tranche in due if evaluated or not tranche.evaluation)
    wanted, found = released + amount, []
    if wanted <= pilot.award * free // WHOLE:
        return []
    waiting = [tranche for tranche in due if tranche.evaluation and not evaluated]
    for tranche in waiting:
        found += find(book, "tranche.evaluation_missing", tranche=(tranche.name_zh, tranche.name_en))
    share = sum(tranche.share_bps for tranche in due)
    limit = pilot.award * share // WHOLE
    if wanted > limit:
        shown = {"amount": yuan(wanted), "limit": yuan(limit), "award": yuan(pilot.award)}
        found += find(book, "tranche.exceeds_share", share=percent(share), **shown)
    return found


def receive(book: Book, released: int, received: int, amount: int) -> list[Finding]:
    """Whether money that came, on top of what had come, is within what was released (四(一))."""
    if received + amount <= released:
        return []
    return find(book, "receipt.exceeds_released", amount=yuan(received + amount), limit=yuan(released))


def nominate(book: Book, type_code: str, city_class: str, nominated: int) -> list[Finding]:
    """Whether a city that has put forward `nominated` areas of the type in this batch may add one (五(一)).

    A type without a quota has no limit.
    """
    kind = book.types[type_code]
    if not kind.quota:
        return []
    city = book.city_classes[city_class]
    limit = kind.quota.get(city_class, 0)
    if nominated < limit:
        return []
    names = {"type": (kind.name_zh, kind.name_en), "city_class": (city.name_zh, city.name_en)}
    return find(book, "nomination.quota", limit=limit, actual=nominated + 1, **names)


def recommend(book: Book, departments_signed: Collection[str]) -> list[Finding]:
    """Whether every department the book names has signed; names in Chinese, as the book has them (五(一))."""
    application = book.application
    pairs = zip(application.departments_zh, application.departments_en, strict=True)
    missing = [pair for pair in pairs if pair[0] not in departments_signed]
    if not missing or (not application.joint and len(missing) < len(application.departments_zh)):
        return []
    names = ("、".join(zh for zh, _ in missing), ", ".join(en for _, en in missing))
    return find(book, "nomination.not_joint", missing=names)


def area_free(book: Book, area: str, *, in_scope: bool, banned_until: date | None, on: date) -> list[Finding]:
    """Whether an area may apply on a day: not a pilot already (五(一)), and no longer banned (六(二)).

    `banned_until` is the last day of a ban, itself included.
    """
    found = find(book, "area.in_scope", area=area) if in_scope and book.application.once else []
    if banned_until is not None and on <= banned_until:
        found = found + find(book, "area.banned", area=area, until=banned_until.isoformat())
    return found


def ban_until(sanction: Sanction, found_on: date) -> date:
    """The last day of a ban that begins on `found_on`: the same day `years` later (29 February becomes the 28th)."""
    year = found_on.year + (sanction.years or 0)
    try:
        return found_on.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def declare(book: Book, type_code: str, declared: Collection[str]) -> list[Finding]:
    """One finding for each condition of the type that is not among the declared and evidenced codes (三(一))."""
    found: list[Finding] = []
    for code, condition in book.application.conditions.items():
        if type_code in condition.types and code not in declared:
            found += find(book, "condition.undeclared", condition=(condition.name_zh, condition.name_en))
    return found


def category(book: Book, type_code: str, text: str) -> tuple[str | None, list[Finding]]:
    """The code of a category written as code or Chinese name, or None with the finding against it (四(二))."""
    code, standing = category_names(book, type_code).get(folded(text), (text, Standing.UNKNOWN))
    return (code, []) if standing is Standing.OWN else (None, refused_category(book, type_code, code))


def level(book: Book, enterprise: str, *, key_link: bool, reached: str) -> list[Finding]:
    """Whether the level after renovation suffices (二(二)). Raises `ValueError` for no level of the scale."""
    rank, target = book.level_scale.rank(reached), target_level(book, key_link)
    if rank is None:
        raise ValueError(f"{reached} is no level of {book.level_scale.code}")
    if rank >= target:
        return []
    steps = book.level_scale.levels
    return find(
        book, "level.below_target", enterprise=enterprise, level=steps[rank - 1], target=steps[target - 1]
    )  # fmt: skip


def member(
    book: Book, type_code: str, name: str, *, focus: str, plan_focus: str, key_enterprise: bool
) -> list[Finding]:
    """Whether an enterprise may join: of the plan's cluster or chain, and a key enterprise where the book asks it.

    `focus` is the cluster or chain of the enterprise, `plan_focus` the one of the approved plan (三(二)1, 二(一)).
    """
    kind = book.types[type_code]
    found: list[Finding] = []
    if kind.focus.kind and (folded(focus) != folded(plan_focus) or not folded(plan_focus)):
        found += find(book, "member.outside_focus", member=name, focus=plan_focus)
    if kind.focus.key_enterprises_only and not key_enterprise:
        found += find(book, "member.not_key_enterprise", member=name)
    return found


def change_plan(book: Book, change: str, *, approved: bool) -> list[Finding]:
    """Whether a change of the approved plan may take effect: only with the province's consent (五(三))."""
    return [] if approved else find(book, "plan.change_unapproved", change=change)
