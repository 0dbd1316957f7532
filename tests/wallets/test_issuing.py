"""Issuing: one by one and from a sheet, within the scheme, the list and the line."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import select

from marketplace.base.errors import Forbidden, Invalid, NotFound, Refusal
from marketplace.base.roles import Role
from marketplace.people.organisations import queries as organisations
from marketplace.pilots.members import actions as members
from marketplace.pilots.members.models import Member
from tests.support.people import make_actor, make_organisation, make_uscc
from tests.support.purse import Purse
from tests.support.shop import enrol
from vouchers.funds import actions as funds
from vouchers.funds import queries
from vouchers.ledger.models.commitments import Voucher
from vouchers.wallets import actions as wallets


def available(purse: Purse) -> int:
    return purse.act(lambda ctx: queries.lines(ctx, purse.town.pilot.id))[0].available


def test_the_line_falls_by_what_was_issued(purse: Purse) -> None:
    purse.issue(120_000_00)
    assert available(purse) == 880_000_00


def test_the_same_key_issues_once(purse: Purse) -> None:
    assert purse.issue(key="k") == purse.issue(key="k")
    assert available(purse) == 880_000_00


def test_above_the_cap_by_a_fen(purse: Purse) -> None:
    purse.issue(150_000_00, "cap")
    with pytest.raises(Refusal) as found:
        purse.issue(150_000_01, "over")
    assert found.value.code == "voucher.above_cap"
    assert available(purse) == 850_000_00


def test_more_than_the_line_holds(purse: Purse) -> None:
    for number in range(6):
        purse.issue(150_000_00, f"k{number}")
    with pytest.raises(Refusal) as found:
        purse.issue(100_000_01, "one too many")
    assert (found.value.code, found.value.clause) == ("line.exhausted", "四(一)")
    purse.issue(100_000_00, "exactly")
    assert available(purse) == 0


def test_an_enterprise_outside_the_list(purse: Purse) -> None:
    stranger = make_organisation(purse.act, region=purse.town.pilot.region)
    with pytest.raises(Refusal) as found:
        purse.act(
            lambda ctx: wallets.issue_one(ctx, purse.version_id, enterprise_id=stranger.id, face_fen=1_000_00, key="x"),
            purse.town.office,
        )
    assert (found.value.code, found.value.clause) == ("member.not_in_pilot", "二(一)")


def test_a_withdrawn_member(purse: Purse) -> None:
    member = purse.act(lambda ctx: ctx.session.scalars(select(Member)).one())
    purse.act(lambda ctx: members.withdraw(ctx, member.id, "企业停产"), purse.town.office)
    with pytest.raises(Refusal) as found:
        purse.issue()
    assert found.value.code == "member.not_in_pilot"


def test_only_the_pilot_office_issues(purse: Purse) -> None:
    for actor in (purse.town.city, purse.finance, purse.town.enterprise):
        with pytest.raises((Forbidden, NotFound)):
            purse.act(
                lambda ctx: wallets.issue_one(
                    ctx, purse.version_id, enterprise_id=purse.town.enterprise.organisation_id, face_fen=100, key="z"
                ),
                actor,
            )
    other, _ = make_actor(purse.act, Role.PILOT, pilot_id=uuid.uuid4())
    with pytest.raises(NotFound):
        purse.act(
            lambda ctx: wallets.issue_one(
                ctx, purse.version_id, enterprise_id=purse.town.enterprise.organisation_id, face_fen=100, key="z"
            ),
            other,
        )


def sheet(*rows: str, header: str = "统一社会信用代码,面额") -> bytes:
    return "\n".join([header, *rows]).encode()


def code_of(purse: Purse, organisation_id: uuid.UUID) -> str:
    return purse.act(lambda ctx: organisations.by_id(ctx, organisation_id).uscc)


def test_a_sheet_is_looked_at_then_issued_once(purse: Purse) -> None:
    more = [make_organisation(purse.act, region=purse.town.pilot.region) for _ in range(3)]
    for firm in more:
        enrol(purse.town, firm.id)
    data = sheet(*(f"{firm.uscc},{10_000 + n}.50" for n, firm in enumerate(more)))
    run = purse.act(
        lambda ctx: wallets.examine_sheet(ctx, purse.version_id, data=data, filename="a.csv"), purse.town.office
    )
    assert not run.faults and run.total_fen == 30_004_50
    assert available(purse) == 1_000_000_00
    first = purse.act(
        lambda ctx: wallets.issue_sheet(ctx, purse.version_id, data=data, filename="a.csv"), purse.town.office
    )
    again = purse.act(
        lambda ctx: wallets.issue_sheet(ctx, purse.version_id, data=data, filename="b.csv"), purse.town.office
    )
    assert again.replayed and again.commitment_ids == first.commitment_ids
    assert available(purse) == 1_000_000_00 - 30_004_50
    assert purse.act(lambda ctx: ctx.session.query(Voucher).count()) == 3


def test_every_bad_row_is_named_and_nothing_issued(purse: Purse) -> None:
    member = code_of(purse, purse.town.enterprise.organisation_id)
    outside = make_organisation(purse.act, region=purse.town.pilot.region).uscc
    unknown = make_uscc()
    wrong = member[:-1] + ("0" if member[-1] != "0" else "1")
    data = sheet(
        f"{member},100.00", f"{member},100.00", f"{outside},100.00", f"{unknown},100.00",
        f"{wrong},100.00", f"{member},1e3", f"{member},150000.01",
    )  # fmt: skip
    with pytest.raises(Invalid) as found:
        purse.act(
            lambda ctx: wallets.issue_sheet(ctx, purse.version_id, data=data, filename="a.csv"), purse.town.office
        )
    lines = [str(text) for text in found.value.errors["file"]]
    assert [line.split("：")[0] for line in lines] == [f"第 {n} 行" for n in range(3, 9)]
    assert available(purse) == 1_000_000_00


@pytest.mark.parametrize("data", [b"", b"\x00\x01", b"a,b\n1,2", "统一社会信用代码,面额\n".encode()])
def test_hostile_sheets(purse: Purse, data: bytes) -> None:
    with pytest.raises(Refusal):
        purse.act(
            lambda ctx: wallets.issue_sheet(ctx, purse.version_id, data=data, filename="x.csv"), purse.town.office
        )


def allot(purse: Purse, category: str, fen: int) -> None:
    purse.act(
        lambda ctx: funds.allot(ctx, purse.town.pilot.id, category=category, amount_fen=fen, key=str(uuid.uuid4())),
        purse.finance,
    )


def test_the_ceiling_holds_to_the_fen_when_money_is_divided(purse: Purse) -> None:
    allot(purse, "saas", 2_000_000_00)
    with pytest.raises(Refusal) as found:
        allot(purse, "platform", 1)
    assert (found.value.code, found.value.clause) == ("allotment.exceeds_room", "四(二)")
    assert "2,000,000.00" in str(found.value.text)
    allot(purse, "renovation", 7_000_000_00)
    with pytest.raises(Refusal):
        allot(purse, "renovation", 1)


@pytest.mark.parametrize(
    ("category", "code"), [("network", "category.not_for_pilot_type"), ("welfare", "use.prohibited")]
)
def test_categories_the_type_does_not_have(purse: Purse, category: str, code: str) -> None:
    with pytest.raises(Refusal) as found:
        allot(purse, category, 100)
    assert (found.value.code, found.value.clause) == (code, "四(二)")
