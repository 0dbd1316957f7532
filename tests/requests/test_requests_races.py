"""Eight at once, on PostgreSQL: one request, one voucher; and two desks never grant more than the line holds."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace.base.clock import day_of
from marketplace.base.roles import Role
from tests.conftest import NOON
from tests.support.people import make_actor, make_organisation
from tests.support.purse import Purse, fill_purse
from tests.support.shop import enrol
from tests.wallets.test_wallets_races import RACERS, race
from vouchers.ledger import verify
from vouchers.ledger.models.commitments import Voucher
from vouchers.requests import actions
from vouchers.requests.rules import Wish
from vouchers.requests.states import Verdict

pytestmark = pytest.mark.postgres
WISH = Wish(40_000_00, 100_000_00, "上线排产软件")


@pytest.fixture
def crowded(postgres_app: Flask) -> Purse:
    """The town with 100,000.00 yuan on its line, on PostgreSQL."""
    return fill_purse(postgres_app, day_of(NOON), allotted_fen=100_000_00)


def vouchers(purse: Purse) -> tuple[int, bool]:
    number = purse.act(lambda ctx: ctx.session.scalar(select(func.count()).select_from(Voucher)))
    return number, purse.act(lambda ctx: verify.verify(ctx.session)).sound


def test_eight_yeses_issue_one_voucher(crowded: Purse) -> None:
    town = crowded.town
    made = crowded.act(lambda ctx: actions.submit(ctx, crowded.version_id, wish=WISH, promised=True), town.enterprise)
    yes = lambda ctx: actions.review(ctx, made.id, verdict=Verdict.APPROVED)  # noqa: E731
    crowded.act(yes, town.office)
    assert race(town.app, [yes] * RACERS, town.city) == {"done": 1, "state.not_allowed": RACERS - 1}
    assert vouchers(crowded) == (1, True)


def test_eight_requests_of_one_enterprise_are_one(crowded: Purse) -> None:
    ask = lambda ctx: actions.submit(ctx, crowded.version_id, wish=WISH, promised=True)  # noqa: E731
    came = race(crowded.town.app, [ask] * RACERS, crowded.town.enterprise)
    assert came == {"done": 1, "voucher_request.under_way": RACERS - 1}


def test_the_line_ends_before_the_requests_do(crowded: Purse) -> None:
    """Eight requests of 40,000.00 yuan and 100,000.00 on the line: two are granted, whoever comes first."""
    town, made = crowded.town, []
    for _ in range(RACERS):
        firm = make_organisation(town.act, capacity="enterprise", region=town.pilot.region)
        actor, _ = make_actor(town.act, Role.ENTERPRISE, organisation=firm)
        enrol(town, firm.id)
        one = crowded.act(lambda ctx: actions.submit(ctx, crowded.version_id, wish=WISH, promised=True), actor)
        crowded.act(lambda ctx, one=one: actions.review(ctx, one.id, verdict=Verdict.APPROVED), town.office)
        made.append(one.id)
    verbs = [lambda ctx, one=one: actions.review(ctx, one, verdict=Verdict.APPROVED) for one in made]
    assert race(town.app, verbs, town.city) == {"done": 2, "line.exhausted": RACERS - 2}
    assert vouchers(crowded) == (2, True)
