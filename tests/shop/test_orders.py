"""From an order to its confirmation: every refusal with its code and clause, and nothing changed by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from marketplace.base.clock import SetClock
from marketplace.base.errors import Forbidden, Invalid, NotFound, Refusal
from marketplace.base.roles import Role
from marketplace.people.organisations.models import Organisation
from marketplace.people.organisations.states import OrganisationState
from marketplace.pilots.members.models import Member
from marketplace.pilots.members.states import MemberState
from marketplace.pilots.programmes.models import Pilot
from marketplace.pilots.programmes.states import PilotState
from marketplace.policy.sanctions.models import Ban
from marketplace.record.documents import queries as documents
from marketplace.record.notices.models import Notice
from marketplace.shop.catalogue import actions as catalogue
from marketplace.shop.catalogue.models import Listing
from marketplace.shop.catalogue.states import CostType
from marketplace.shop.orders import actions, queries
from marketplace.shop.orders.models import Consent, Contract, Order
from marketplace.shop.orders.rules import LineInput
from marketplace.shop.orders.states import ConsentStep, OrderState
from marketplace.shop.roster.models import RosterEntry
from marketplace.shop.roster.states import RosterState
from tests.support.people import OTHER_CITY, OTHER_COUNTY, make_actor
from tests.support.shop import PDF, Town, build_town, enrol, file_contract, list_product, packages_of, place_order

SOFTWARE = LineInput("年度订阅", CostType.SOFTWARE, Decimal(1), Decimal("16800"), 1_680_000, 95_094)


def refused(call: Callable[[], Any]) -> Refusal:
    with pytest.raises(Refusal) as fault:
        call()
    return fault.value


def count(town: Town, table: Any) -> int:
    return int(town.act(lambda ctx: ctx.session.scalar(select(func.count()).select_from(table))))


def state_of(town: Town, order: Order) -> OrderState:
    found: OrderState = town.act(lambda ctx: ctx.session.scalar(select(Order.state).where(Order.id == order.id)))
    return found


def change(town: Town, model: Any, **values: Any) -> None:
    def verb(ctx: Any) -> None:
        for row in ctx.session.scalars(select(model)):
            for name, value in values.items():
                setattr(row, name, value)

    town.act(verb)


@pytest.fixture
def listing(town: Town) -> Listing:
    return list_product(town)


def accepted(town: Town, listing: Listing, quantities: tuple[int, ...] = (1,)) -> Order:
    order = place_order(town, listing, quantities)
    town.act(lambda ctx: actions.accept(ctx, order.id), town.provider)
    return order


def delivered(town: Town, listing: Listing, today: date) -> Order:
    order = accepted(town, listing)
    file_contract(town, order, [SOFTWARE], signed_on=today)
    town.act(lambda ctx: actions.deliver(ctx, order.id, text="已上线"), town.provider)
    return order


def test_an_order_stands_on_the_listed_prices(town: Town, listing: Listing) -> None:
    order = place_order(town, listing, (2, 3))
    assert (order.total_fen, order.category, order.state) == (3_960_000, "renovation", OrderState.PLACED)
    lines = town.act(lambda ctx: queries.lines(ctx, order.id))
    assert [(x.quantity, x.unit_price_fen, x.amount_fen) for x in lines] == [
        (2, 1_680_000, 3_360_000),
        (3, 200_000, 600_000),
    ]
    consents = town.act(lambda ctx: queries.consents(ctx, order.id))
    assert [(c.step, c.person_id) for c in consents] == [(ConsentStep.ORDER, town.enterprise.person_id)]
    told = town.act(lambda ctx: ctx.session.scalars(select(Notice).where(Notice.url == f"/orders/{order.id}")).all())
    assert [n.organisation_id for n in told] == [town.provider.organisation_id]


def _suspend_provider(town: Town) -> None:
    change(town, RosterEntry, state=RosterState.SUSPENDED, state_reason="投诉属实", state_clause="二(四)")


def _ban_enterprise(town: Town) -> None:
    def verb(ctx: Any) -> None:
        ctx.add(
            Ban(
                subject_kind="organisation",
                subject_id=str(town.enterprise.organisation_id),
                subject_name="企业",
                imposed_by_name="省工信厅",
                city=town.pilot.city,
                basis="call",
                clause="六(二)",
                reason="弄虚作假",
                from_day=ctx.today,
                until_day=ctx.today + timedelta(days=3),
                state="imposed",
            )
        )

    town.act(verb)


@pytest.mark.parametrize(
    ("prepare", "code", "clause"),
    [
        (_suspend_provider, "provider.suspended", "二(四)"),
        (lambda t: change(t, RosterEntry, valid_until=date(2031, 3, 11)), "provider.not_on_roster", "二(四)"),
        (lambda t: change(t, Member, state=MemberState.NOMINATED), "member.not_in_pilot", "二(一)"),
        (lambda t: change(t, Pilot, state=PilotState.SUSPENDED), "pilot.not_running", None),
        (
            lambda t: change(t, Organisation, state=OrganisationState.REGISTERED, decided_at=None),
            "organisation.not_confirmed",
            None,
        ),
        (_ban_enterprise, "sanction.active", "六(二)"),
    ],
)
def test_who_may_not_order(
    town: Town, listing: Listing, prepare: Callable[[Town], None], code: str, clause: str | None
) -> None:
    prepare(town)
    fault = refused(lambda: place_order(town, listing))
    assert fault.code == code
    if clause is not None:
        assert fault.clause == clause
    assert count(town, Order) == 0


def test_nobody_orders_from_himself(town: Town, listing: Listing) -> None:
    own = replace(town.provider, role=Role.ENTERPRISE)
    enrol(town, town.provider.organisation_id)  # type: ignore[arg-type]
    packages = packages_of(town, listing)
    fault = refused(
        lambda: town.act(
            lambda ctx: actions.place(
                ctx, listing_id=listing.id, packages=[(packages[0].id, 1)], pilot_id=town.pilot.id
            ),
            own,
        )
    )
    assert (fault.code, fault.clause) == ("party.same", "二(四)")
    assert count(town, Order) == 0


def test_a_listing_of_another_city_or_none_is_not_ordered(town: Town, app: Any, today: date) -> None:
    other = build_town(app, today, city=OTHER_CITY, county=OTHER_COUNTY)
    there = list_product(other)
    fault = refused(lambda: place_order(town, there))
    assert (fault.code, fault.clause) == ("listing.not_available", "二(四)")
    here = list_product(town)
    town.act(lambda ctx: catalogue.withdraw_listing(ctx, here.id, reason="停售"), town.provider)
    with pytest.raises(NotFound):
        place_order(town, here)
    assert count(town, Order) == 0


def test_a_product_without_a_category_for_the_pilots_type(town: Town) -> None:
    listing = list_product(town, categories={"zone": "renovation"})
    fault = refused(lambda: place_order(town, listing))
    assert (fault.code, fault.clause) == ("category.not_for_pilot_type", "四(二)")


@pytest.mark.parametrize("quantities", [(0,), (-1,), (10_001,)])
def test_quantities_have_limits(town: Town, listing: Listing, quantities: tuple[int, ...]) -> None:
    with pytest.raises(Invalid):
        place_order(town, listing, quantities)
    assert count(town, Order) == 0


def test_a_package_of_another_product_is_refused(town: Town, listing: Listing) -> None:
    foreign = packages_of(town, list_product(town, name="别的产品"))[0]
    with pytest.raises(Invalid):
        town.act(
            lambda ctx: actions.place(ctx, listing_id=listing.id, packages=[(foreign.id, 1)], pilot_id=town.pilot.id),
            town.enterprise,
        )


def test_the_whole_way(town: Town, listing: Listing, today: date) -> None:
    order = accepted(town, listing)
    contract = file_contract(town, order, [SOFTWARE], signed_on=today)
    assert (contract.net_fen, contract.tax_fen, contract.gross_fen) == (1_584_906, 95_094, 1_680_000)
    for reader in (town.enterprise, town.office, town.city):
        assert town.act(lambda ctx: documents.get(ctx, contract.document_id), reader).sha256 == contract.document_sha256
    town.act(lambda ctx: actions.deliver(ctx, order.id, text="已上线"), town.provider)
    town.act(lambda ctx: actions.reject_delivery(ctx, order.id, reason="少一个接口"), town.enterprise)
    assert state_of(town, order) is OrderState.CONTRACTED
    town.act(lambda ctx: actions.deliver(ctx, order.id, text="接口已补"), town.provider)
    town.act(lambda ctx: actions.confirm(ctx, order.id), town.enterprise)
    assert state_of(town, order) is OrderState.CONFIRMED
    steps = town.act(lambda ctx: [c.step for c in queries.consents(ctx, order.id)])
    assert steps == [ConsentStep.ORDER, ConsentStep.ACCEPTANCE]
    assert refused(lambda: town.act(lambda ctx: actions.confirm(ctx, order.id), town.enterprise)).code == (
        "state.not_allowed"
    )
    assert count(town, Consent) == 2


def line(**changes: Any) -> LineInput:
    values = {
        "name": "年度订阅",
        "cost_type": CostType.SOFTWARE,
        "quantity": Decimal(1),
        "unit_price": Decimal("16800"),
        "gross_fen": 1_680_000,
        "tax_fen": 95_094,
    }
    return LineInput(**{**values, **changes})


@pytest.mark.parametrize(
    ("lines", "code", "clause"),
    [
        ([], "input.invalid", None),
        ([line(gross_fen=1_679_999)], "contract.arithmetic", None),
        ([line(gross_fen=1_680_001)], "contract.arithmetic", None),
        ([line(tax_fen=1_680_000)], "contract.arithmetic", None),
        ([line(unit_price=Decimal("16800.01"), gross_fen=1_680_001)], "contract.above_order", "二(四)"),
        ([line(cost_type=CostType.CLOUD)], "contract.cost_type_above_order", "四(二)"),
        (
            [
                line(),
                line(name="网关", cost_type=CostType.HARDWARE, unit_price=Decimal("0.01"), gross_fen=1, tax_fen=0),
            ],
            "contract.above_order",
            "二(四)",
        ),
    ],
)
def test_contracts_that_are_refused(
    town: Town, listing: Listing, today: date, lines: list[LineInput], code: str, clause: str | None
) -> None:
    order = accepted(town, listing)
    fault = refused(lambda: file_contract(town, order, lines, signed_on=today))
    assert (fault.code, fault.clause) == (code, clause)
    assert state_of(town, order) is OrderState.ACCEPTED and count(town, Contract) == 0


def test_no_kind_of_cost_grows_at_the_expense_of_another(town: Town, listing: Listing, today: date) -> None:
    order = accepted(town, listing, (1, 5))  # software 16,800, hardware 10,000
    shifted = [line(unit_price=Decimal("16800.01"), gross_fen=1_680_001)]
    fault = refused(lambda: file_contract(town, order, shifted, signed_on=today))
    assert (fault.code, fault.clause) == ("contract.cost_type_above_order", "四(二)")
    cheaper = [line(unit_price=Decimal("16799.99"), gross_fen=1_679_999)]
    assert file_contract(town, order, cheaper, signed_on=today).gross_fen == 1_679_999


def test_half_a_fen_is_rounded_up_and_thirds_add_up(town: Town, listing: Listing, today: date) -> None:
    order = accepted(town, listing)
    exact = [line(quantity=Decimal("1.5"), unit_price=Decimal("0.33"), gross_fen=50, tax_fen=3)]
    assert file_contract(town, order, exact, signed_on=today).gross_fen == 50


@pytest.mark.parametrize(
    ("days", "code"),
    [(-31, "contract.outside_period"), (1, "contract.in_future"), (-30, None), (0, None)],
)
def test_contracts_are_signed_inside_the_period(
    town: Town, listing: Listing, today: date, days: int, code: str | None
) -> None:
    order = accepted(town, listing)
    signed = today + timedelta(days=days)
    if code is None:
        assert file_contract(town, order, [SOFTWARE], signed_on=signed).signed_on == signed
        return
    fault = refused(lambda: file_contract(town, order, [SOFTWARE], signed_on=signed))
    assert fault.code == code
    if code == "contract.outside_period":
        assert fault.clause == "四(一)"
    assert count(town, Contract) == 0


def test_a_contract_after_the_last_day(town: Town, listing: Listing, today: date, clock: SetClock) -> None:
    order = accepted(town, listing)
    clock.advance(days=701)
    late = today + timedelta(days=701)
    fault = refused(lambda: file_contract(town, order, [SOFTWARE], signed_on=late))
    assert (fault.code, fault.clause) == ("contract.outside_period", "四(一)")
    assert file_contract(town, order, [SOFTWARE], signed_on=late - timedelta(days=1)).gross_fen == 1_680_000


def test_one_contract_stands_behind_one_order(town: Town, listing: Listing, today: date) -> None:
    first, second = accepted(town, listing), accepted(town, listing)
    file_contract(town, first, [SOFTWARE], signed_on=today, number="HT-1")
    fault = refused(lambda: file_contract(town, second, [SOFTWARE], signed_on=today, number="HT-1", data=PDF + b"%2"))
    assert (fault.code, fault.clause) == ("contract.number_taken", "四(二)")
    fault = refused(lambda: file_contract(town, second, [SOFTWARE], signed_on=today, number="HT-2"))
    assert (fault.code, fault.clause) == ("contract.document_reused", "四(二)")
    assert state_of(town, second) is OrderState.ACCEPTED
    file_contract(town, second, [SOFTWARE], signed_on=today, number="HT-2", data=PDF + b"%2")


def test_foreign_parties_find_nothing(town: Town, listing: Listing) -> None:
    order = place_order(town, listing)
    rival, _ = make_actor(town.act, "provider", region=OTHER_COUNTY)
    neighbour, _ = make_actor(town.act, "enterprise", region=OTHER_COUNTY)
    elsewhere, _ = make_actor(town.act, "city", region=OTHER_CITY)
    for stranger in (rival, neighbour, elsewhere):
        with pytest.raises(NotFound):
            town.act(lambda ctx: queries.get(ctx, order.id), stranger)
        assert town.act(lambda ctx: queries.listed(ctx).items, stranger) == []
    with pytest.raises(NotFound):
        town.act(lambda ctx: actions.accept(ctx, order.id), rival)
    with pytest.raises(NotFound):
        town.act(lambda ctx: actions.cancel(ctx, order.id, reason="x"), neighbour)
    for wrong_side, verb in (
        (town.enterprise, lambda ctx: actions.accept(ctx, order.id)),
        (town.provider, lambda ctx: actions.cancel(ctx, order.id, reason="x")),
        (town.city, lambda ctx: actions.confirm(ctx, order.id)),
        (town.office, lambda ctx: actions.decline(ctx, order.id, reason="x")),
    ):
        with pytest.raises(Forbidden):
            town.act(verb, wrong_side)
    assert state_of(town, order) is OrderState.PLACED


@pytest.mark.parametrize("verb", [actions.cancel, actions.decline, actions.dispute])
def test_ending_needs_a_reason(town: Town, listing: Listing, verb: Any) -> None:
    order = place_order(town, listing)
    who = town.provider if verb is actions.decline else town.enterprise
    with pytest.raises(Invalid):
        town.act(lambda ctx: verb(ctx, order.id, reason="  "), who)
    assert state_of(town, order) is OrderState.PLACED
    town.act(lambda ctx: verb(ctx, order.id, reason="理由"), who)
    assert state_of(town, order) is not OrderState.PLACED


def test_after_the_contract_an_order_is_not_cancelled(town: Town, listing: Listing, today: date) -> None:
    order = accepted(town, listing)
    file_contract(town, order, [SOFTWARE], signed_on=today)
    fault = refused(lambda: town.act(lambda ctx: actions.cancel(ctx, order.id, reason="不要了"), town.enterprise))
    assert fault.code == "state.not_allowed" and state_of(town, order) is OrderState.CONTRACTED


def test_a_dispute_is_ruled_by_the_city(town: Town, listing: Listing, today: date) -> None:
    order = delivered(town, listing, today)
    town.act(lambda ctx: actions.dispute(ctx, order.id, reason="不是我订的"), town.enterprise)
    assert state_of(town, order) is OrderState.DISPUTED
    assert refused(lambda: town.act(lambda ctx: actions.confirm(ctx, order.id), town.enterprise)).code == (
        "state.not_allowed"
    )
    with pytest.raises(Forbidden):
        town.act(lambda ctx: actions.rule_dispute(ctx, order.id, upheld=True, reason="x"), town.office)
    with pytest.raises(Invalid):
        town.act(lambda ctx: actions.rule_dispute(ctx, order.id, upheld=False, reason=" "), town.city)
    town.act(lambda ctx: actions.rule_dispute(ctx, order.id, upheld=False, reason="有签字"), town.city)
    assert state_of(town, order) is OrderState.DELIVERED
    town.act(lambda ctx: actions.dispute(ctx, order.id, reason="签字是假的"), town.enterprise)
    town.act(lambda ctx: actions.rule_dispute(ctx, order.id, upheld=True, reason="查实"), town.city)
    assert state_of(town, order) is OrderState.CANCELLED


def test_a_dispute_after_the_confirmation(town: Town, listing: Listing, today: date) -> None:
    order = delivered(town, listing, today)
    town.act(lambda ctx: actions.confirm(ctx, order.id), town.enterprise)
    with pytest.raises(Forbidden):
        town.act(lambda ctx: actions.dispute(ctx, order.id, reason="x"), town.provider)
    town.act(lambda ctx: actions.dispute(ctx, order.id, reason="不是我确认的"), town.enterprise)
    town.act(lambda ctx: actions.rule_dispute(ctx, order.id, upheld=False, reason="本人设备"), town.city)
    assert state_of(town, order) is OrderState.CONFIRMED
    town.act(lambda ctx: actions.dispute(ctx, order.id, reason="设备失窃"), town.enterprise)
    town.act(lambda ctx: actions.rule_dispute(ctx, order.id, upheld=True, reason="查实"), town.city)
    assert state_of(town, order) is OrderState.CANCELLED
    fault = refused(lambda: town.act(lambda ctx: actions.dispute(ctx, order.id, reason="x"), town.enterprise))
    assert fault.code == "state.not_allowed"


@pytest.mark.parametrize(("upheld", "word"), [(True, "异议成立"), (False, "未被支持")])
def test_both_sides_hear_once_how_a_dispute_ended(town: Town, listing: Listing, upheld: bool, word: str) -> None:
    order = place_order(town, listing)
    town.act(lambda ctx: actions.dispute(ctx, order.id, reason="不是我订的"), town.enterprise)
    before = count(town, Notice)
    town.act(lambda ctx: actions.rule_dispute(ctx, order.id, upheld=upheld, reason="已核实"), town.city)
    rows = town.act(lambda ctx: ctx.session.scalars(select(Notice).order_by(Notice.id)).all())[before:]
    assert {r.organisation_id for r in rows} == {order.enterprise_id, order.provider_id}
    assert len(rows) == 2 and all(word in r.template and r.values["reason"] == "已核实" for r in rows)


def test_confirming_by_code_names_the_enterprises_person(town: Town, listing: Listing, today: date) -> None:
    order = delivered(town, listing, today)
    who = town.enterprise
    town.act(
        lambda ctx: actions.confirm_with_code(ctx, order.id, person_id=who.person_id, assignment_id=who.assignment_id),
        town.provider,
    )
    last = town.act(lambda ctx: queries.consents(ctx, order.id)[-1])
    assert (last.step, last.person_id, last.way) == (ConsentStep.ACCEPTANCE, who.person_id, "code")
