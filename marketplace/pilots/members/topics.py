"""What an enterprise's programs may hear of its place on the renovation list."""

from __future__ import annotations

from marketplace.base.text import N_
from marketplace.people.webhooks.topics import Topic
from marketplace.pilots.members import events

_PLACE = ("member_id", "pilot_id", "enterprise_id")

TOPICS = (
    Topic("member.confirmed", N_("列入改造企业名单"), events.MemberConfirmed, _PLACE),
    Topic("member.withdrawn", N_("退出改造企业名单"), events.MemberWithdrawn, _PLACE),
)
