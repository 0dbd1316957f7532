"""Single steps against the book."""

from __future__ import annotations

from datetime import date

import pytest

from marketplace.policy.engine import acts
from marketplace.policy.engine.finding import Finding
from tests.policy import made

BOOK = made.BOOK


def codes(findings: list[Finding]) -> list[str]:
    for finding in findings:
        assert finding.message_zh and finding.message_en and finding.clause
    return [finding.code for finding in findings]


def test_award() -> None:
    assert codes(acts.award(BOOK, "county", "county_3", 800_000_000)) == []
    assert codes(acts.award(BOOK, "county", "county_3", 800_000_001)) == ["award.above_cap"]


@pytest.mark.parametrize(
    ("as_of", "released", "amount", "evaluated", "found"),
    [
        (date(2023, 12, 1), 0, 500_000_000, False, []),
        (date(2023, 12, 1), 0, 500_000_001, False, ["tranche.exceeds_share"]),
        (date(2024, 10, 31), 500_000_000, 1, True, ["tranche.exceeds_share"]),
        (date(2024, 11, 1), 500_000_000, 500_000_000, True, []),
        (date(2024, 11, 1), 500_000_000, 500_000_000, False, ["tranche.evaluation_missing"]),
        (date(2024, 11, 1), 500_000_000, 500_000_001, True, ["tranche.exceeds_share"]),
        (date(2024, 11, 1), 0, 500_000_000, False, []),
    ],
)
def test_release(as_of: date, released: int, amount: int, evaluated: bool, found: list[str]) -> None:
    assert codes(acts.release(BOOK, made.pilot(as_of=as_of), released, amount, evaluated=evaluated)) == found


def test_receipt() -> None:
    assert codes(acts.receive(BOOK, 500, 100, 400)) == []
    assert codes(acts.receive(BOOK, 500, 100, 401)) == ["receipt.exceeds_released"]


@pytest.mark.parametrize(
    ("kind", "city", "limit"),
    [("zone", "first", 1), ("zone", "second", 1), ("county", "first", 2), ("county", "second", 1)],
)
def test_quota(kind: str, city: str, limit: int) -> None:
    assert codes(acts.nominate(BOOK, kind, city, limit - 1)) == []
    (finding,) = acts.nominate(BOOK, kind, city, limit)
    assert (finding.code, finding.clause) == ("nomination.quota", "五(一)")


def test_recommendation_needs_both_departments() -> None:
    both = BOOK.application.departments_zh
    assert codes(acts.recommend(BOOK, both)) == []
    (finding,) = acts.recommend(BOOK, both[:1])
    assert finding.code == "nomination.not_joint" and both[1] in finding.message_zh


def test_area() -> None:
    on = date(2026, 8, 31)
    assert codes(acts.area_free(BOOK, "甲区", in_scope=False, banned_until=None, on=on)) == []
    assert codes(acts.area_free(BOOK, "甲区", in_scope=True, banned_until=None, on=on)) == ["area.in_scope"]
    assert codes(acts.area_free(BOOK, "甲区", in_scope=False, banned_until=on, on=on)) == ["area.banned"]
    assert codes(acts.area_free(BOOK, "甲区", in_scope=False, banned_until=date(2026, 8, 30), on=on)) == []


def test_ban_lasts_three_years() -> None:
    ban = BOOK.sanctions["ban"]
    assert acts.ban_until(ban, date(2023, 9, 1)) == date(2026, 9, 1)
    assert acts.ban_until(ban, date(2024, 2, 29)) == date(2027, 2, 28)


def test_conditions() -> None:
    needed = [code for code, entry in BOOK.application.conditions.items() if "zone" in entry.types]
    assert len(needed) == 10
    assert codes(acts.declare(BOOK, "zone", needed)) == []
    assert codes(acts.declare(BOOK, "zone", needed[1:])) == ["condition.undeclared"]


@pytest.mark.parametrize(
    ("kind", "text", "code", "found"),
    [
        ("zone", " ＳＡＡＳ应用 ", "saas", []),
        ("zone", "NETWORK", "network", []),
        ("county", "园区网络", None, ["category.not_for_pilot_type"]),
        ("zone", "平衡本级预算", None, ["use.prohibited"]),
        ("zone", "", None, ["category.unknown"]),
        ("zone", "unknown", None, ["category.unknown"]),
    ],
)
def test_category(kind: str, text: str, code: str | None, found: list[str]) -> None:
    answer, findings = acts.category(BOOK, kind, text)
    assert (answer, codes(findings)) == (code, found)


@pytest.mark.parametrize(
    ("key_link", "reached", "good"),
    [(True, "L7", True), (True, "6", False), (False, "l6", True), (False, "L5", False), (False, "L10", True)],
)
def test_level(key_link: bool, reached: str, good: bool) -> None:
    found = codes(acts.level(BOOK, "甲厂", key_link=key_link, reached=reached))
    assert found == ([] if good else ["level.below_target"])


def test_level_off_the_scale() -> None:
    with pytest.raises(ValueError, match="L11"):
        acts.level(BOOK, "甲厂", key_link=False, reached="L11")


def test_members_belong_to_the_named_cluster_or_chain() -> None:
    def found(kind: str, focus: str, key: bool) -> list[str]:
        return codes(acts.member(BOOK, kind, "甲厂", focus=focus, plan_focus="电子信息", key_enterprise=key))

    assert found("zone", "电子信息", True) == []
    assert found("zone", "电子信息", False) == ["member.not_key_enterprise"]
    assert found("zone", "纺织", True) == ["member.outside_focus"]
    assert found("county", "电子信息", False) == []
    assert found("county", "纺织", False) == ["member.outside_focus"]
    assert codes(acts.member(BOOK, "county", "甲厂", focus="", plan_focus="", key_enterprise=True)) == [
        "member.outside_focus"
    ]


def test_plan_change() -> None:
    assert acts.change_plan(BOOK, "更换产业链", approved=True) == []
    assert codes(acts.change_plan(BOOK, "更换产业链", approved=False)) == ["plan.change_unapproved"]
