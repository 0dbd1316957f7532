"""The limits of a scheme beside its caps, each a fen, a day or a share before and behind its boundary."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from marketplace.base.clock import SetClock
from marketplace.base.errors import Invalid, Refusal
from marketplace.base.roles import Role
from marketplace.people.organisations import queries as organisations
from marketplace.shop.catalogue.models import Package
from marketplace.shop.orders import actions as orders
from marketplace.shop.orders.models import Order
from tests.support.html import PageClient
from tests.support.people import make_actor, make_organisation, post, sign_in
from tests.support.purse import Purse, change
from tests.support.shop import enrol, place_order
from vouchers.ledger import verify
from vouchers.ledger.models.commitments import Commitment, Hold
from vouchers.schemes.models import SchemeVersion
from vouchers.wallets import actions as wallets


def refused(code: str, act: Callable[[], Any]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        act()
    assert caught.value.code == code
    return caught.value


def subsidy(purse: Purse, order: Order) -> int:
    amount: int = purse.act(lambda ctx: ctx.session.get_one(Order, order.id, populate_existing=True).subsidy_fen)
    return amount


def neighbour(purse: Purse) -> tuple[Any, uuid.UUID]:
    """Another enterprise of the list: who acts for it, and its id."""
    firm = make_organisation(purse.town.act, capacity="enterprise", region=purse.town.pilot.region)
    actor, _ = make_actor(purse.town.act, Role.ENTERPRISE, organisation=firm)
    enrol(purse.town, firm.id)
    return actor, firm.id


def issue_to(purse: Purse, enterprise_id: uuid.UUID, face: int, key: str) -> uuid.UUID:
    issued = purse.act(
        lambda ctx: wallets.issue_one(ctx, purse.version_id, enterprise_id=enterprise_id, face_fen=face, key=key),
        purse.town.office,
    )
    first: uuid.UUID = issued.commitment_ids[0]
    return first


def test_one_order_gets_no_more_than_its_cap(purse: Purse, listing: Any) -> None:
    change(purse, cap_order_fen=39_999_99)
    assert subsidy(purse, place_order(purse.town, listing, voucher_id=purse.issue())) == 39_999_99


def test_a_provider_sells_no_more_than_its_quota_of_a_year(purse: Purse, listing: Any, clock: SetClock) -> None:
    """80,000.00 for two orders of 40,000.00, of two enterprises; the third is refused until the next year."""
    change(purse, cap_provider_year_fen=80_000_00, use_by=purse.terms.use_by + timedelta(days=280),
           redeem_by=purse.terms.redeem_by + timedelta(days=280))  # fmt: skip
    town, mine = purse.town, purse.issue()
    other, other_id = neighbour(purse)
    place_order(town, listing, voucher_id=mine)
    theirs = issue_to(purse, other_id, 100_000_00, "theirs")
    package = purse.act(lambda ctx: place_packages(ctx, listing))
    buy = lambda ctx: orders.place(  # noqa: E731
        ctx, listing_id=listing.id, packages=[(package, 1)], pilot_id=town.pilot.id, voucher_id=theirs
    )
    second = purse.act(buy, other)
    over = refused("quota.provider_year", lambda: purse.act(buy, other))
    assert (over.clause, over.field, str(over.text.values["left"])) == ("四(二)", "voucher_id", "¥0.00")
    purse.act(lambda ctx: orders.cancel(ctx, second.id, reason="换一家"), other)
    assert subsidy(purse, purse.act(buy, other)) == 40_000_00
    clock.advance(days=300)
    assert purse.act(lambda ctx: ctx.today).year == purse.terms.use_by.year + 1
    assert subsidy(purse, purse.act(buy, other)) == 40_000_00


def place_packages(ctx: Any, listing: Any) -> uuid.UUID:
    found: uuid.UUID = ctx.session.scalars(select(Package.id).where(Package.edition_id == listing.edition_id)).one()
    return found


def test_all_vouchers_of_a_scheme_stay_within_its_total(purse: Purse) -> None:
    """What is given back may be issued again; a sheet is refused whole."""
    purse.issue(50_000_00, "before")
    change(purse, cap_scheme_fen=150_000_00)
    second = purse.issue(60_000_00, "second")
    over = refused("scheme.exhausted", lambda: purse.issue(40_000_01, "over"))
    assert (over.clause, str(over.text.values["issued"])) == ("四(二)", "¥110,000.00")
    purse.issue(40_000_00, "full")
    refused("scheme.exhausted", lambda: purse.issue(1, "fen"))
    purse.act(
        lambda ctx: wallets.give_back(ctx, second, amount_fen=10_000_00, reason="用不到", key="back"),
        purse.town.enterprise,
    )
    refused("scheme.exhausted", lambda: purse.issue(10_000_01, "a fen too much"))
    purse.issue(10_000_00, "again")
    assert purse.act(lambda ctx: verify.verify(ctx.session)).sound


@pytest.mark.parametrize(("days", "left"), [(30, 30), (90, 90), (91, 90)])
def test_a_voucher_lasts_so_many_days_from_its_issue(purse: Purse, days: int, left: int) -> None:
    change(purse, use_days=days)
    voucher = purse.issue()
    today = purse.act(lambda ctx: ctx.today)
    held = purse.act(lambda ctx: ctx.session.get_one(Commitment, voucher))
    assert held.last_day == today + timedelta(days=left)


def test_a_delivery_is_confirmed_within_so_many_days_of_the_order(purse: Purse, listing: Any, clock: SetClock) -> None:
    """100 days from each order, and never after the scheme's own last day, which is 180 days from now."""
    change(purse, redeem_days=100)
    voucher = purse.issue()
    assert last_day(purse, place_order(purse.town, listing, voucher_id=voucher)) == 100
    clock.advance(days=80)
    assert last_day(purse, place_order(purse.town, listing, voucher_id=voucher)) == 100
    clock.advance(days=1)
    assert last_day(purse, place_order(purse.town, listing, voucher_id=voucher)) == 99


def last_day(purse: Purse, order: Order) -> int:
    """In how many days what is set aside for an order ends."""
    ends = purse.act(lambda ctx: ctx.session.scalars(select(Hold.last_day).where(Hold.order_id == order.id)).one())
    days: int = (ends - purse.act(lambda ctx: ctx.today)).days
    return days


def test_another_voucher_once_enough_of_the_first_was_used(purse: Purse, listing: Any) -> None:
    """40,000.00 of 50,000.00 is 80 %: enough for 80, not for 80.01; what was given back was never claimed."""
    voucher = purse.issue(50_000_00)
    change(purse, min_use_bps=8000)
    refused("voucher.underused", lambda: purse.issue(10_000_00, "too early"))
    place_order(purse.town, listing, voucher_id=voucher)
    purse.issue(10_000_00, "enough")
    change(purse, min_use_bps=6_667)
    low = refused("voucher.underused", lambda: purse.issue(10_000_00, "40 of 60 is 66.66"))
    assert (low.text.values["least"], low.clause) == ("66.67", "四(二)")
    codes = purse.act(lambda ctx: codes_of(ctx, purse))
    sheet = f"统一社会信用代码,面额\n{codes},1000\n".encode()
    run = purse.act(
        lambda ctx: wallets.examine_sheet(ctx, purse.version_id, data=sheet, filename="发券.csv"), purse.town.office
    )
    assert [(row.number, row.fault is not None) for row in run.rows] == [(2, True)]
    with pytest.raises(Invalid):
        purse.act(
            lambda ctx: wallets.issue_sheet(ctx, purse.version_id, data=sheet, filename="发券.csv"), purse.town.office
        )
    purse.act(
        lambda ctx: wallets.give_back(ctx, voucher, amount_fen=10_000_00, reason="用不到", key="back"),
        purse.town.enterprise,
    )
    purse.issue(10_000_00, "40 of 50")


def codes_of(ctx: Any, purse: Purse) -> str:
    return organisations.by_id(ctx, purse.town.enterprise.organisation_id).uscc


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"cap_order_fen": 0}, "scheme.cap"),
        ({"cap_provider_year_fen": -1}, "scheme.cap"),
        ({"cap_scheme_fen": 0}, "scheme.cap"),
        ({"use_days": 0}, "scheme.days_count"),
        ({"redeem_days": 3661}, "scheme.days_count"),
        ({"min_use_bps": 0}, "scheme.min_use"),
        ({"min_use_bps": 10_001}, "scheme.min_use"),
    ],
)
def test_limits_that_are_none(purse: Purse, terms: dict[str, int], code: str) -> None:
    refused(code, lambda: change(purse, **terms))


def test_the_limits_on_the_form_and_on_the_schemes_page(purse: Purse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purse.town.app, "test_client_class", PageClient)
    office = sign_in(purse.town.app.test_client(), purse.town.persons["office"])
    scheme_id = purse.act(lambda ctx: ctx.session.get_one(SchemeVersion, purse.version_id).scheme_id)
    said = {
        "category": "renovation", "mode": "direct", "basis": "gross", "rate": "40", "cap_voucher": "150000",
        "cap_enterprise_year": "", "cap_order": "50000", "cap_provider_year": "5000000", "cap_scheme": "800000",
        "min_use": "70", "use_days": "60", "redeem_days": "120", "cost_types": ["software"], "on_short": "refuse",
        "use_by": purse.terms.use_by.isoformat(), "redeem_by": purse.terms.redeem_by.isoformat(),
    }  # fmt: skip
    url = f"/schemes/{scheme_id}/terms"
    assert post(office, url, said | {"use_days": "0"}).status_code == 422
    assert post(office, url, said).status_code == 303
    again = office.get(url).get_data(as_text=True)
    assert 'value="50000.00"' in again and 'value="70"' in again and 'value="120"' in again
    version = purse.act(lambda ctx: newest(ctx, scheme_id))
    assert (version.cap_scheme_fen, version.min_use_bps, version.use_days) == (800_000_00, 7_000, 60)
    assert post(office, f"/schemes/{scheme_id}/versions/{version.id}/publish").status_code == 303
    shown = office.get(f"/schemes/{scheme_id}").get_data(as_text=True)
    for words in ("单笔订单上限", "50,000.00", "每家服务商年度上限", "方案发券总额", "60 天", "120 天", "70%"):
        assert words in shown


def newest(ctx: Any, scheme_id: uuid.UUID) -> SchemeVersion:
    wanted = select(SchemeVersion).where(SchemeVersion.scheme_id == scheme_id).order_by(SchemeVersion.number.desc())
    found: SchemeVersion = ctx.session.scalars(wanted).first()
    return found
