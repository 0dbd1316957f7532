"""A code lives sixty seconds, works once, only for its order's provider, and cannot be guessed at leisure."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from marketplace.base.clock import SetClock
from marketplace.base.errors import Forbidden, NotFound, Refusal
from marketplace.base.roles import Role
from marketplace.shop.orders import actions as orders
from marketplace.shop.orders import queries as placed
from marketplace.shop.orders.states import OrderState
from tests.redemption.conftest import SUBSIDY, Counter
from tests.support.people import make_actor
from vouchers.redemption import actions, rules
from vouchers.redemption.models import RedemptionCode

ADDRESS = "203.0.113.7"


def show(counter: Counter) -> str:
    code: str = counter.act(lambda ctx: actions.make(ctx, counter.order.id), "enterprise").code
    return code


def use(counter: Counter, text: str, who: Any = "provider", address: str = ADDRESS) -> Any:
    actor = getattr(counter.purse.town, who) if isinstance(who, str) else who
    counter.purse.act(lambda ctx: actions.count(ctx, address), actor)
    return counter.purse.act(lambda ctx: actions.use(ctx, text, address), actor)


def refused(counter: Counter, text: str, **more: Any) -> str:
    before = counter.redeemed()
    with pytest.raises(Refusal) as fault:
        use(counter, text, **more)
    assert counter.redeemed() == before
    return fault.value.code


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**8:08d}"


def test_the_code_redeems_the_voucher_and_keeps_whose_consent_it_was(counter: Counter) -> None:
    code = show(counter)
    assert len(code) == 8 and code.isdecimal()
    redeemed = use(counter, f" {code[:4]} {code[4:]} ")
    order = redeemed.order
    assert redeemed.amount_fen == SUBSIDY
    assert (order.id, order.state) == (counter.order.id, OrderState.CONFIRMED)
    assert counter.redeemed() == SUBSIDY
    consent = counter.act(lambda ctx: placed.consents(ctx, counter.order.id), "enterprise")[-1]
    assert (consent.person_id, consent.way) == (counter.purse.town.enterprise.person_id, "code")


def test_its_last_moment_and_the_moment_after(counter: Counter, clock: SetClock) -> None:
    code = show(counter)
    clock.advance(seconds=60)
    assert refused(counter, code) == "code.expired"
    code = show(counter)
    clock.moment += timedelta(seconds=60) - timedelta(microseconds=1)
    use(counter, code)
    assert counter.redeemed() == SUBSIDY


def test_it_works_once(counter: Counter) -> None:
    code = show(counter)
    use(counter, code)
    assert refused(counter, code) == "code.used"
    assert counter.redeemed() == SUBSIDY


def test_another_code_voids_the_one_before(counter: Counter) -> None:
    first, second = show(counter), show(counter)
    assert first != second
    assert refused(counter, first) == "code.wrong"
    use(counter, second)


def test_another_providers_code_is_a_wrong_code(counter: Counter) -> None:
    other, _ = make_actor(counter.purse.town.act, Role.PROVIDER)
    code = show(counter)
    assert refused(counter, code, who=other) == "code.wrong"
    use(counter, code)


def test_only_the_enterprise_makes_one_and_only_the_provider_uses_it(counter: Counter) -> None:
    stranger, _ = make_actor(counter.purse.town.act, Role.ENTERPRISE)
    for who in (stranger, counter.purse.town.provider, counter.purse.town.office):
        with pytest.raises((Forbidden, NotFound)):
            counter.purse.act(lambda ctx: actions.make(ctx, counter.order.id), who)
    code = show(counter)
    for who in (counter.purse.town.enterprise, counter.purse.town.office):
        with pytest.raises(Forbidden):
            counter.purse.act(lambda ctx: actions.use(ctx, code, ADDRESS), who)
    assert counter.redeemed() == 0


@pytest.mark.parametrize(
    "text", ["", "1234567", "123456789", "１２３４５６７８", "abcdefgh", "DTC1.", "٠١٢٣٤٥٦٧", "0" * 2000]
)
def test_what_is_no_code_is_a_wrong_code(counter: Counter, text: str) -> None:
    show(counter)
    assert refused(counter, text) == "code.wrong"


def test_guessing_is_stopped_for_the_provider_from_whatever_address(counter: Counter, clock: SetClock) -> None:
    code = show(counter)
    for number in range(rules.FROM_ONE_PROVIDER.attempts):
        assert refused(counter, wrong(code), address=f"198.51.{number}.1") == "code.wrong"
    assert refused(counter, code, address="192.0.2.1") == "throttled", "the right code comes too late"
    clock.advance(seconds=rules.FROM_ONE_PROVIDER.window.total_seconds() + 1)
    use(counter, show(counter))


def test_guessing_is_stopped_for_the_address_from_whatever_provider(counter: Counter) -> None:
    code = show(counter)
    many = [make_actor(counter.purse.town.act, Role.PROVIDER)[0] for _ in range(4)]
    for number in range(rules.FROM_ONE_ADDRESS.attempts):
        assert refused(counter, wrong(code), who=many[number % 4]) == "code.wrong"
    assert refused(counter, code) == "throttled"
    use(counter, code, address="192.0.2.1")


def test_a_right_code_counts_for_no_attempt_and_the_slips_before_it_stay_counted(counter: Counter) -> None:
    code = show(counter)
    for _ in range(rules.FROM_ONE_PROVIDER.attempts - 1):
        assert refused(counter, wrong(code)) == "code.wrong"
    use(counter, code)
    assert refused(counter, wrong(code)) == "code.wrong"
    assert refused(counter, wrong(code)) == "throttled"


def test_nothing_to_redeem(counter: Counter) -> None:
    counter.act(lambda ctx: orders.confirm(ctx, counter.order.id), "enterprise")
    with pytest.raises(Refusal) as fault:
        show(counter)
    assert fault.value.code == "code.nothing_to_redeem"


def test_a_frozen_voucher_uses_up_no_code(counter: Counter) -> None:
    code = show(counter)
    counter.act(lambda ctx: orders.dispute(ctx, counter.order.id, reason="我没有下过这个单"), "enterprise")
    assert refused(counter, code) not in ("code.used", "throttled")
    row = counter.purse.act(lambda ctx: ctx.session.query(RedemptionCode).one())
    assert row.used_at is None, "refused is undone whole"


def test_the_database_cannot_tell_the_code(counter: Counter) -> None:
    code = show(counter)
    row = counter.purse.act(lambda ctx: ctx.session.query(RedemptionCode).one())
    assert code not in " ".join(str(value) for value in vars(row).values())


def test_the_enterprise_is_asked_on_its_own_device(counter: Counter) -> None:
    for _ in range(rules.ASKED_OF_ONE_ORDER.attempts):
        counter.act(lambda ctx: actions.ask(ctx, counter.order.id), "provider")
    with pytest.raises(Refusal) as fault:
        counter.act(lambda ctx: actions.ask(ctx, counter.order.id), "provider")
    assert fault.value.code == "throttled"
    page = counter.browser("enterprise").get("/notices")
    assert f"/redemption/orders/{counter.order.id}" in page.text or "请您确认订单" in page.text
    assert counter.redeemed() == 0
