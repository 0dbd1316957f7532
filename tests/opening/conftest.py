"""A town that has lived on the platform for a while and brings along what it did before."""

from __future__ import annotations

import io
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from marketplace.base.actor import Actor
from marketplace.base.clock import SetClock, day_of
from marketplace.base.roles import Role
from marketplace.people.accounts.models import Person
from marketplace.people.organisations.models import Organisation
from tests.support.people import make_actor
from tests.support.purse import Purse, fill_purse, list_software
from tests.support.shop import place_order
from vouchers.ledger import verify
from vouchers.ledger.models.openings import Opening
from vouchers.opening import actions

HEADER = (
    "日期,类型,资金用途,金额,企业代码,服务商代码,合同编号,发票号码,其他财政支持,关键环节,改造后水平,验收日期,合同金额"
)
WIDTH = HEADER.count(",") + 1
NOTE = "据财政支付台账与银行流水整理，已逐笔核对。"
Row = Sequence[Any]


def sheet(rows: Sequence[Row], header: str = HEADER) -> bytes:
    """A CSV of these rows; what a row leaves out at its end is empty."""
    lines = [",".join(str(cell) for cell in (*row, *[""] * (WIDTH - len(row)))) for row in rows]
    return ("\ufeff" + "\r\n".join([header, *lines]) + "\r\n").encode()


@dataclass
class Newcomer:
    """The town's purse, an order of its own on the platform, and two people of the city's finance desk."""

    purse: Purse
    maker: Actor
    checker: Actor
    persons: dict[str, Person]
    today: date
    enterprise: str
    provider: str

    @property
    def pilot_id(self) -> uuid.UUID:
        return self.purse.town.pilot.id

    def act(self, verb: Any, actor: Actor | None = None) -> Any:
        return self.purse.act(verb, actor)

    def day(self, ago: int) -> date:
        return self.today - timedelta(days=ago)

    def past(self) -> list[Row]:
        """Renovation of two enterprises, one of them known here, a platform bought, training without a contract."""
        other, d = "91360900MA35000015", self.day
        return [
            (d(28), "承诺", "企业数字化改造", "300000.00", self.enterprise, self.provider, "HT-1", "", "", "是"),
            (d(20), "支付", "renovation", "180000.00", self.enterprise, self.provider, "HT-1", f"{7:020d}")
            + ("", "是", "L7", d(22), "750000.00"),
            (d(27), "承诺", "企业数字化改造", "200000.00", other, "", "HT-2"),
            (d(12), "核减", "企业数字化改造", "20000.00", other, "", "HT-2"),
            (d(11), "支付", "企业数字化改造", "90000.00", other, "", "HT-2", "", "无", "否", "L5", d(13)),
            (d(9), "退回", "企业数字化改造", "10000.00", other, "", "HT-2"),
            (d(26), "承诺", "平台建设", "400000.00", "", self.provider, "PT-1"),
            (d(25), "支付", "综合服务", "50000.00"),
            (d(24), "承诺", "综合服务", "30000.00"),
            (d(8), "核减", "综合服务", "5000.00"),
        ]

    def upload(self, rows: Sequence[Row] | bytes, actor: Actor | None = None, name: str = "支出表.csv") -> Opening:
        data = rows if isinstance(rows, bytes) else sheet(rows)
        found: Opening = self.act(
            lambda ctx: actions.upload(ctx, self.pilot_id, io.BytesIO(data), name), actor or self.maker
        )
        return found

    def submitted(self, rows: Sequence[Row] | bytes) -> Opening:
        opening = self.upload(rows)
        found: Opening = self.act(lambda ctx: actions.submit(ctx, opening.id, NOTE), self.maker)
        return found

    def released(self, rows: Sequence[Row] | bytes) -> Opening:
        opening = self.submitted(rows)
        found: Opening = self.act(lambda ctx: actions.release(ctx, opening.id), self.checker)
        return found

    def see(self, kind: type[Any], identity: Any) -> Any:
        return self.act(lambda ctx: ctx.session.get_one(kind, identity))

    def sound(self) -> bool:
        report = self.act(lambda ctx: verify.verify(ctx.session))
        assert report.differences == []
        return bool(report.sound)


def settle_in(app: Flask, today: date) -> Newcomer:
    purse = fill_purse(app, today)
    place_order(purse.town, list_software(purse), voucher_id=purse.issue())
    maker, maker_person = make_actor(
        purse.act, Role.PILOT, pilot_id=purse.town.pilot.id, region=purse.town.pilot.region
    )
    checker, checker_person = make_actor(purse.act, Role.FINANCE, region=purse.town.pilot.city)
    codes = [
        purse.act(lambda ctx, actor=actor: ctx.session.get_one(Organisation, actor.organisation_id).uscc)
        for actor in (purse.town.enterprise, purse.town.provider)
    ]
    return Newcomer(
        purse, maker, checker, {"maker": maker_person, "checker": checker_person}, today, codes[0], codes[1]
    )


@pytest.fixture
def newcomer(app: Flask, clock: SetClock) -> Newcomer:
    return settle_in(app, day_of(clock.moment))
