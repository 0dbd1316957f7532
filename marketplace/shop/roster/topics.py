"""What a provider's programs may hear of its place on the list."""

from __future__ import annotations

from marketplace.base.text import N_
from marketplace.people.webhooks.topics import Topic
from marketplace.shop.roster import events

_PLACE = ("entry_id", "provider_id", "city")

TOPICS = (
    Topic("roster.listed", N_("列入服务商名录"), events.ProviderListed, (*_PLACE, "klass", "certificate_number")),
    Topic("roster.suspended", N_("在名录中被暂停"), events.ProviderSuspended, (*_PLACE, "reason")),
    Topic("roster.reinstated", N_("在名录中恢复"), events.ProviderReinstated, _PLACE),
    Topic("roster.removed", N_("移出服务商名录"), events.ProviderRemoved, (*_PLACE, "reason")),
)
