"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import JOBS, House, Job
from marketplace.base.stage import SCENES
from marketplace.base.text import N_
from marketplace.people.organisations import events
from marketplace.people.webhooks import actions, api, delivery, pages, scenes, topics
from marketplace.people.webhooks.permissions import MANAGE, MATRIX
from marketplace.people.webhooks.topics import Topic
from marketplace.record.audit.words import WORDS, Words
from marketplace.record.notices.outbox import OUTBOX_HANDLERS, Handler
from marketplace.web import nav

ACTS = Words(
    kinds={
        "webhook": N_("推送地址"),
    },
    verbs={
        "webhook.registered": N_("登记推送地址"),
        "webhook.changed": N_("更改推送地址"),
        "webhook.secret_rotated": N_("更换推送密钥"),
        "webhook.paused": N_("暂停推送"),
        "webhook.resumed": N_("恢复推送"),
        "webhook.stopped": N_("平台停止推送"),
        "webhook.removed": N_("删除推送地址"),
        "webhook.tested": N_("发送测试推送"),
        "webhook.replayed": N_("重新推送消息"),
    },
)


def wire(house: House) -> None:
    """Pages and API, the way out of the outbox, the sender, and the facts of the earlier chapters."""
    house.matrix.add(MATRIX)
    house.add(WORDS, ACTS)
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(nav.API_BLUEPRINTS, api.bp)
    house.add(nav.MENU, nav.MenuEntry("webhooks.index", N_("事件推送"), MANAGE, order=95, group="pilots"))
    house.add(OUTBOX_HANDLERS, Handler(topics.CHANNEL, inside=delivery.fan_out, label=N_("事件推送")))
    house.add(JOBS, Job("webhooks.deliver", N_("向外部程序推送消息"), delivery.deliver, every=5, outside=True))
    house.add(JOBS, Job("webhooks.tidy", N_("清理过期的推送记录"), actions.tidy, at="03:50"))
    topics.offer(
        house,
        Topic("organisation.confirmed", N_("单位身份已确认"), events.OrganisationConfirmed, ("organisation_id",)),
        Topic("organisation.rejected", N_("单位身份未获确认"), events.OrganisationRejected, ("organisation_id",)),
        Topic(
            "bank_account.confirmed",
            N_("收款账户已复核"),
            events.AccountConfirmed,
            ("account_id", "organisation_id"),
        ),
    )
    for scene in scenes.scenes():
        house.add(SCENES, scene)
