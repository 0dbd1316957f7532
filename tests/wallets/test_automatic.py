"""The automatic quota and the face values of a scheme."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy import func, select

from marketplace.base.clock import SetClock
from marketplace.base.errors import Forbidden, Invalid
from marketplace.base.roles import Role
from marketplace.people.organisations.models import Organisation
from marketplace.people.organisations.states import OrganisationState
from marketplace.pilots.members.models import Member
from marketplace.pilots.members.states import MemberState
from marketplace.policy.findings.models import Finding
from marketplace.policy.sanctions import actions as sanctions
from marketplace.policy.sanctions.states import Subject
from tests.support.people import make_actor, make_organisation
from tests.support.purse import Purse, change
from tests.support.shop import enrol
from tests.wallets.test_limits import issue_to, neighbour, refused
from vouchers.ledger import verify
from vouchers.ledger.models.commitments import Commitment, Voucher
from vouchers.wallets import actions as wallets
from vouchers.wallets import automatic

FACE = 2_000_00


def held(purse: Purse) -> dict[uuid.UUID, list[int]]:
    """The faces of each enterprise's vouchers, in fen."""
    rows = purse.act(
        lambda ctx: ctx.session.execute(
            select(Voucher.enterprise_id, Commitment.face).join(Commitment, Commitment.id == Voucher.commitment_id)
        ).all()
    )
    found: dict[uuid.UUID, list[int]] = {}
    for enterprise_id, face in rows:
        found.setdefault(enterprise_id, []).append(face)
    return found


def give(purse: Purse, **asked: Any) -> automatic.Given:
    given: automatic.Given = purse.act(lambda ctx: automatic.give(ctx, purse.version_id, **asked), purse.town.office)
    return given


def neighbours(purse: Purse, number: int) -> list[uuid.UUID]:
    return [neighbour(purse)[1] for _ in range(number)]


def test_each_enterprise_on_the_list_gets_one_and_only_one(purse: Purse) -> None:
    first = purse.town.enterprise.organisation_id
    change(purse, automatic_fen=FACE)
    others = neighbours(purse, 2)
    given = give(purse)
    assert (given.count, given.total_fen, given.left) == (3, 3 * FACE, 0)
    assert held(purse) == {one: [FACE] for one in (first, *others)}
    assert give(purse).count == 0
    [late] = neighbours(purse, 1)
    assert purse.act(automatic.give_all) == "1 vouchers"
    assert purse.act(automatic.give_all) == ""
    assert held(purse)[late] == [FACE]
    assert purse.act(lambda ctx: verify.verify(ctx.session)).sound


def test_who_had_a_voucher_of_the_scheme_gets_no_automatic_one(purse: Purse) -> None:
    """Not even under another version, nor when it was given back."""
    voucher = purse.issue(50_000_00)
    change(purse, automatic_fen=FACE)
    [other] = neighbours(purse, 1)
    purse.act(
        lambda ctx: wallets.give_back(ctx, voucher, amount_fen=50_000_00, reason="用不到", key="back"),
        purse.town.enterprise,
    )
    assert give(purse).count == 1
    assert held(purse)[other] == [FACE]


def test_who_may_not_have_a_voucher_gets_none(purse: Purse) -> None:
    """Banned, no more on the list, not confirmed: each for itself, the rest get theirs."""
    change(purse, automatic_fen=FACE)
    banned, left, unsure, good = neighbours(purse, 4)
    town = purse.town

    def spoil(ctx: Any) -> None:
        values: dict[str, Any] = {"reason": "骗取补贴", "basis": "方案规则", "clause": "六(二)", "until": ctx.today}
        sanctions.impose(ctx, subject_kind=Subject.ORGANISATION, subject_id=str(banned), **values)
        [member] = ctx.session.scalars(select(Member).where(Member.enterprise_id == left))
        member.state, member.withdrawal_reason = MemberState.WITHDRAWN, "停产"
        ctx.session.get_one(Organisation, unsure).state = OrganisationState.REJECTED

    purse.act(spoil)
    assert give(purse).count == 2
    assert set(held(purse)) == {good, town.enterprise.organisation_id}


def test_the_most_urgent_come_first_when_the_money_ends(purse: Purse, clock: SetClock) -> None:
    """The pilot's office has one case of it a month, with how many are left without."""
    second, third, fourth = neighbours(purse, 3)

    def order(ctx: Any) -> None:
        for urgency, one in enumerate((fourth, second, third, purse.town.enterprise.organisation_id), start=1):
            [member] = ctx.session.scalars(select(Member).where(Member.enterprise_id == one))
            member.urgency = urgency

    purse.act(order)
    change(purse, automatic_fen=FACE, cap_scheme_fen=2 * FACE + FACE - 1)
    assert purse.act(automatic.give_all) == "2 vouchers"
    assert set(held(purse)) == {fourth, second}
    assert purse.act(automatic.give_all) == ""
    wanted = select(Finding).where(Finding.detector == "voucher.automatic_short")
    [finding] = purse.act(lambda ctx: ctx.session.scalars(wanted).all())
    assert (finding.owner_role, finding.pilot_id, finding.evidence["count"]) == ("pilot", purse.town.pilot.id, 2)
    short = refused("scheme.automatic_short", lambda: give(purse))
    assert (short.clause, short.text.values) == ("四(一)", {"room": 0, "left": 2})
    clock.advance(days=32)
    purse.act(automatic.give_all)
    assert len(purse.act(lambda ctx: ctx.session.scalars(wanted).all())) == 2


def test_the_line_s_money_is_the_limit_too(purse: Purse) -> None:
    change(purse, automatic_fen=FACE)
    neighbours(purse, 2)
    rest = 1_000_000_00 - 2 * FACE - (FACE - 1)
    takers = [neighbour(purse)[1] for _ in range(7)]
    for number, taker in enumerate(takers):
        face = min(150_000_00, rest)
        rest -= face
        if face:
            issue_to(purse, taker, face, f"rest{number}")
    given = give(purse)
    assert (given.count, given.left) == (2, 1) and given.why is not None
    assert purse.act(lambda ctx: verify.verify(ctx.session)).sound


def test_only_the_pilot_s_office_gives_and_only_under_an_automatic_scheme(purse: Purse) -> None:
    refused("scheme.not_automatic", lambda: give(purse))
    change(purse, automatic_fen=FACE)
    city, _ = make_actor(purse.town.act, Role.CITY, region=purse.town.pilot.city)
    with pytest.raises(Forbidden):
        purse.act(lambda ctx: automatic.give(ctx, purse.version_id), city)


def test_a_voucher_has_one_of_the_scheme_s_faces(purse: Purse) -> None:
    change(purse, faces_fen=[5_000_00, 2_000_00, 5_000_00])
    other = refused("voucher.other_face", lambda: purse.issue(3_000_00))
    assert (other.field, other.text.values["faces"]) == ("face", ["¥2,000.00", "¥5,000.00"])
    purse.issue(2_000_00, "small")
    firm = make_organisation(purse.town.act, capacity="enterprise", region=purse.town.pilot.region)
    enrol(purse.town, firm.id)
    rows = f"统一社会信用代码,面额\n{firm.uscc},2000.01\n"
    run = lambda text: purse.act(  # noqa: E731
        lambda ctx: wallets.issue_sheet(ctx, purse.version_id, data=text.encode(), filename="表.csv"),
        purse.town.office,
    )
    with pytest.raises(Invalid) as bad:
        run(rows)
    assert "面额档次" in str(bad.value.errors["file"][0].values["fault"].template)
    assert run(rows.replace("2000.01", "5000")).total == 5_000_00


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"faces_fen": [0]}, "faces"),
        ({"faces_fen": [150_000_01]}, "faces"),
        ({"faces_fen": list(range(1, 22))}, "faces"),
        ({"automatic_fen": 0}, "automatic"),
        ({"automatic_fen": 150_000_01}, "automatic"),
        ({"faces_fen": [2_000_00], "automatic_fen": 1_000_00}, "automatic"),
    ],
)
def test_faces_that_a_scheme_may_not_have(purse: Purse, terms: dict[str, Any], field: str) -> None:
    before = purse.act(lambda ctx: ctx.session.scalar(select(func.count()).select_from(Voucher)))
    code = "scheme.faces" if field == "faces" else None
    with pytest.raises(Exception) as caught:
        change(purse, **terms)
    assert getattr(caught.value, "field", None) == field and (code is None or caught.value.code == code)
    assert purse.act(lambda ctx: ctx.session.scalar(select(func.count()).select_from(Voucher))) == before
