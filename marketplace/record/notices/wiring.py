"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import JOBS, House, Job
from marketplace.base.roles import Role
from marketplace.base.text import N_
from marketplace.record.audit.events import CheckpointMade
from marketplace.record.audit.words import WORDS, Words
from marketplace.record.notices import actions, delivery, letters, mail, pages, sms
from marketplace.record.notices.outbox import OUTBOX_HANDLERS, Handler
from marketplace.record.notices.permissions import MATRIX, READ_OUTBOX
from marketplace.web import nav

ACTS = Words(
    kinds={
        "outbox": N_("待发消息"),
    },
    verbs={
        "outbox.retried": N_("重发消息"),
    },
)


def wire(house: House) -> None:
    """Inbox for everybody, outbox for the administrator, mail and short messages after commit."""
    house.matrix.add(MATRIX)
    house.add(WORDS, ACTS)
    house.add(OUTBOX_HANDLERS, Handler("notice", inside=letters.fan_out, label=N_("站内消息")))
    house.add(OUTBOX_HANDLERS, Handler("mail", send=mail.send, ready=mail.ready, label=N_("邮件")))
    house.add(OUTBOX_HANDLERS, Handler("sms", send=sms.send, ready=sms.ready, label=N_("短信")))
    house.add(JOBS, Job("notices.deliver", N_("发送邮件与短信"), delivery.deliver, every=5, outside=True))
    house.add(JOBS, Job("notices.tidy", N_("清理已发送的消息"), actions.tidy, at="03:20"))
    house.subscribe(CheckpointMade, actions.publish_checkpoint)
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(
        nav.MENU,
        nav.MenuEntry(
            "notices.waiting", N_("待发送消息"), READ_OUTBOX, order=930, group="system", front=frozenset({Role.ADMIN})
        ),
    )
