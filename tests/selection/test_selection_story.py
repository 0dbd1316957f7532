"""A whole selection, from the call to the list, by the acts of the people who do it."""

from __future__ import annotations

import pytest

from marketplace.base.errors import Refusal
from marketplace.shop.roster import queries as roster
from marketplace.shop.roster.states import ServiceClass
from providers.calls import queries as calls
from providers.calls.states import CallState
from providers.standing import actions as standing
from providers.standing.states import Measure


def test_a_provider_is_called_chosen_suspended_and_lifted(city, act):
    provider = city.provider("江西轻准软件有限公司")
    call = city.select(provider)
    assert act(lambda ctx: calls.get(ctx, call.id)).state is CallState.DECIDED
    entry = act(lambda ctx: roster.require_active(ctx, provider.organisation_id, city.code))
    assert entry.klass is ServiceClass.PRODUCT
    assert entry.valid_from == city.today
    assert (entry.valid_until.year, entry.call_id) == (city.today.year + 2, call.id)
    found = act(lambda ctx: roster.by_certificate(ctx, entry.certificate_number.lower()))
    assert found.name == "江西轻准软件有限公司"

    act(
        lambda ctx: standing.take(ctx, entry.id, Measure.SUSPEND, reason="交付严重延误", clause="管理办法第十二条"),
        city.officer,
    )
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: roster.require_active(ctx, provider.organisation_id, city.code))
    assert (refused.value.code, refused.value.clause) == ("provider.suspended", "二(四)")
    act(
        lambda ctx: standing.take(ctx, entry.id, Measure.LIFT, reason="已整改", clause="管理办法第十三条"), city.officer
    )
    assert act(lambda ctx: roster.require_active(ctx, provider.organisation_id, city.code)).id == entry.id
