"""The inbox of whoever looks, and the messages that wait to leave the house."""

from __future__ import annotations

from marketplace.base.context import Context
from marketplace.base.paging import Key
from marketplace.base.text import N_
from marketplace.record.notices import queries
from marketplace.record.notices.letters import text_of
from marketplace.record.notices.models import Outbox
from marketplace.record.notices.outbox import OUTBOX_HANDLERS
from marketplace.record.notices.queries import READINGS, Reading
from marketplace.web.listings import Choice, Column, Day, Listing, Sort, Tick

_TONES = {Reading.UNREAD: "warn", Reading.READ: "quiet"}


def _reading(entry: queries.Entry, _: None) -> list[tuple[str, str]]:
    state = Reading.READ if entry.read else Reading.UNREAD
    return [(READINGS[state], _TONES[state])]


INBOX = Listing(
    "notices",
    N_("消息"),
    rows=queries.inbox,
    columns=[
        Column("text", N_("内容"), "word", value=lambda entry, _: text_of(entry.notice)),
        Column("notice.created_at", N_("时间"), "moment"),
        Column("read", N_("状态"), "tags", value=_reading),
    ],
    filters=[
        Choice("state", N_("状态"), options=READINGS, tabs=True),
        Day("since", N_("起始日期")),
        Day("until", N_("截止日期")),
    ],
    empty=N_("还没有消息。"),
)


def _topics(ctx: Context) -> dict[str, str]:
    """The ways out of the house, by the names that the messages bear."""
    return {handler.topic: handler.label or handler.topic for handler in ctx.house.all(OUTBOX_HANDLERS)}


OUTBOX = Listing(
    "outbox",
    N_("待发送消息"),
    rows=queries.waiting,
    prepare=lambda ctx, rows: _topics(ctx),
    columns=[
        Column("topic", N_("通道"), "word", lambda message, topics: topics.get(message.topic, message.topic)),
        Column("id", N_("序号"), "count"),
        Column("created_at", N_("产生时间"), "moment"),
        Column("attempts", N_("已尝试"), "count"),
        Column("next_try_at", N_("下次尝试"), "moment"),
        Column("last_error", N_("最近的错误")),
    ],
    filters=[
        Choice("topic", N_("通道"), options=_topics),
        Tick("failed", N_("仅看发送失败过的")),
    ],
    sorts=[
        Sort("oldest", N_("最早在前"), [Key(Outbox.id)]),
        Sort("next", N_("先到下次尝试"), [Key(Outbox.next_try_at), Key(Outbox.id)]),
    ],
    empty=N_("没有等待发送的消息。"),
)
