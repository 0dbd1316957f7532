"""The inbox: who gets to see a notice, what is unread, and what it becomes outside."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from marketplace.base.actor import Actor
from marketplace.base.errors import NotFound
from marketplace.base.money import Yuan
from marketplace.base.roles import Role
from marketplace.base.states import Label, Labels
from marketplace.base.text import Text
from marketplace.record.audit import actions as audit
from marketplace.record.audit import sealing
from marketplace.record.notices import actions, queries
from marketplace.record.notices.letters import text_of
from marketplace.record.notices.models import Notice, Outbox
from marketplace.record.notices.values import pack, unpack

TEXT = Text("服务券 {number} 已发放。", {"number": "V1"})


def actor(number: int, role: Role | None = Role.ENTERPRISE, **where: Any) -> Actor:
    return Actor(uuid.UUID(int=number), uuid.UUID(int=number + 100), role, **where)


ORG, OTHER, PILOT = uuid.UUID(int=31), uuid.UUID(int=32), uuid.UUID(int=33)
OWNER = actor(1, organisation_id=ORG)
CLERK = actor(2, organisation_id=ORG)
STRANGER = actor(3, organisation_id=OTHER)
CITY = actor(4, Role.CITY, region="360900", organisation_id=OTHER)
CITY_ELSEWHERE = actor(5, Role.CITY, region="360100")
PILOT_OFFICER = actor(6, Role.PILOT, pilot_id=PILOT)
FINANCE = actor(7, Role.FINANCE, pilot_id=PILOT)
NOBODY_YET = actor(8, None)
ALL = [OWNER, CLERK, STRANGER, CITY, CITY_ELSEWHERE, PILOT_OFFICER, FINANCE, NOBODY_YET]


@pytest.mark.parametrize(
    ("address", "readers"),
    [
        ({"person_id": OWNER.person_id}, [OWNER]),
        ({"organisation_id": ORG}, [OWNER, CLERK]),
        ({"role": Role.CITY}, [CITY, CITY_ELSEWHERE]),
        ({"role": Role.CITY, "region": "360900"}, [CITY]),
        ({"role": "pilot", "pilot_id": PILOT}, [PILOT_OFFICER]),
        ({"pilot_id": PILOT}, [PILOT_OFFICER, FINANCE]),
        ({"organisation_id": OTHER, "role": Role.ENTERPRISE}, [STRANGER]),
        ({"person_id": OWNER.person_id, "role": Role.CITY}, [OWNER]),
    ],
)
def test_a_notice_is_seen_by_whom_it_names_and_by_nobody_else(platform: Any, address: Any, readers: Any) -> None:
    notice = platform.act(lambda ctx: actions.tell(ctx, **address, text=TEXT, url="/vouchers"))
    for who in ALL:
        seen = [entry.notice.id for entry in platform.act(queries.inbox, who).items]
        assert seen == ([notice.id] if who in readers else []), who
        assert platform.act(actions.unread, who) == len(seen)
        if who in readers:
            platform.act(lambda ctx: actions.read(ctx, notice.id), who)
        else:
            with pytest.raises(NotFound):
                platform.act(lambda ctx, who=who: actions.read(ctx, notice.id), who)


def test_reading_is_each_persons_own_and_unread_come_first(platform: Any) -> None:
    ids = [
        platform.act(lambda ctx, n=n: actions.tell(ctx, organisation_id=ORG, text=TEXT, url=f"/{n}")).id
        for n in range(4)
    ]
    for _ in range(2):
        platform.act(lambda ctx: actions.read(ctx, ids[3]), OWNER)
    platform.act(lambda ctx: actions.read(ctx, ids[1]), OWNER)
    assert [(e.notice.id, e.read) for e in platform.act(queries.inbox, OWNER).items] == [
        (ids[2], False), (ids[0], False), (ids[3], True), (ids[1], True),
    ]  # fmt: skip
    assert platform.act(actions.unread, OWNER) == 2 and platform.act(actions.unread, CLERK) == 4
    page = platform.act(lambda ctx: queries.inbox(ctx, limit=1), OWNER)
    seen = [page.items[0].notice.id]
    while page.next_cursor:
        page = platform.act(lambda ctx, c=page.next_cursor: queries.inbox(ctx, limit=1, cursor=c), OWNER)
        seen.append(page.items[0].notice.id)
    assert seen == [ids[2], ids[0], ids[3], ids[1]]
    platform.act(actions.read_all, OWNER)
    platform.act(actions.read_all, OWNER)
    assert platform.act(actions.unread, OWNER) == 0 and platform.act(actions.unread, CLERK) == 4


def test_a_visitor_has_no_unread_notices(platform: Any) -> None:
    assert platform.act(actions.unread) == 0


def test_unread_is_one_cheap_query_that_stops_at_a_hundred(platform: Any) -> None:
    def many(ctx: Any) -> None:
        for _ in range(130):
            actions.tell(ctx, person_id=OWNER.person_id, text=TEXT, url="/x")

    platform.act(many)
    assert platform.act(actions.unread, OWNER) == 100


@pytest.mark.parametrize("url", ["https://evil.example", "//evil.example", "javascript:alert(1)", ""])
def test_a_notice_leads_nowhere_else(platform: Any, url: str) -> None:
    with pytest.raises(ValueError):
        platform.act(lambda ctx: actions.tell(ctx, person_id=OWNER.person_id, text=TEXT, url=url))


def test_values_come_back_as_they_were(platform: Any) -> None:
    values = {
        "amount": Yuan(123450), "day": date(2031, 3, 12), "at": datetime(2031, 3, 12, 4, tzinfo=UTC), "n": 3,
        "state": Label("已发放"), "states": Labels(["甲", "乙"]), "why": Text("因为{x}", {"x": Yuan(1)}), "s": "文字",
    }  # fmt: skip
    text = Text("{amount}{day}{at}{n}{state}{states}{why}{s}", values)
    platform.act(lambda ctx: actions.tell(ctx, person_id=OWNER.person_id, text=text, url="/x"))
    (notice,) = platform.act(lambda ctx: list(ctx.session.scalars(select(Notice))))
    assert text_of(notice) == text
    assert {k: type(v) for k, v in text_of(notice).values.items()} == {k: type(v) for k, v in values.items()}
    assert unpack(pack(uuid.UUID(int=1))) == str(uuid.UUID(int=1))


def test_without_addresses_nothing_waits_in_the_outbox(platform: Any) -> None:
    platform.act(lambda ctx: actions.tell(ctx, person_id=OWNER.person_id, text=TEXT, url="/x"))
    assert platform.sql("SELECT count(*) FROM outbox")[0][0] == 0


def test_a_checkpoint_is_carried_out_to_auditors_and_province(platform: Any) -> None:
    platform.house.add(actions.RECIPIENTS, lambda ctx, notice: [])
    platform.act(lambda ctx: audit.record(ctx, "thing.done", ("thing", 1)))
    platform.act(sealing.seal)
    platform.clock.advance(days=1)
    platform.act(sealing.seal)
    notices = platform.act(lambda ctx: list(ctx.session.scalars(select(Notice).order_by(Notice.id))))
    assert [(n.role, n.url) for n in notices] == [("auditor", "/checkpoints"), ("province", "/checkpoints")]
    (seal,) = platform.sql("SELECT hash FROM seal")
    assert bytes(seal[0]).hex() in str(text_of(notices[0]))
    waiting = platform.act(lambda ctx: [row.payload for row in ctx.session.scalars(select(Outbox))])
    assert sorted(w["notice_id"] for w in waiting) == sorted(str(n.id) for n in notices)
