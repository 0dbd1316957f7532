"""Vouchers in a list: an enterprise's wallet, or those an officer looks after."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import url_for

from marketplace.base.context import Context
from marketplace.base.roles import Role
from marketplace.base.text import N_
from marketplace.pilots.programmes import queries as pilots
from marketplace.shop.orders.listings import pilot_names, several_cities, several_pilots
from marketplace.shop.roster.listings import city_names
from marketplace.web.listings import Choice, Column, Day, Listing, Sort, Tick, Words
from vouchers.wallets import queries
from vouchers.wallets.queries import Wallet
from vouchers.wallets.states import BALANCES, STANDINGS, TONES


def _officer(ctx: Context) -> bool:
    return ctx.actor is not None and ctx.actor.role is not Role.ENTERPRISE


@dataclass(frozen=True)
class Facts:
    """What a page of vouchers shows beside them: the pilots' names, and the day that says which are over."""

    pilots: Mapping[uuid.UUID, str]
    today: date


def _tag(wallet: Wallet, facts: Facts) -> list[tuple[str, str]]:
    state = wallet.state(facts.today)
    return [(STANDINGS[state], TONES[state])]


VOUCHERS = Listing(
    "vouchers",
    N_("服务券"),
    rows=queries.listed,
    columns=[
        Column(
            "number",
            N_("券号"),
            "code",
            link=lambda wallet: url_for("wallets.show", voucher_id=wallet.id),
            under=lambda wallet, _: wallet.scheme.name,
        ),
        Column("scheme.name", N_("方案"), hidden=True, filed=True),
        Column("holder", N_("企业"), when=_officer),
        Column("holder_uscc", N_("统一社会信用代码"), "code", hidden=True, when=_officer),
        Column(
            "pilot",
            N_("所属试点"),
            value=lambda w, facts: facts.pilots.get(w.voucher.pilot_id),
            hidden=True,
            when=_officer,
        ),
        Column("state", N_("状态"), "tags", value=_tag),
        Column("balance.face", N_("面额"), "money"),
        *(
            Column(f"balance.{name}", label, "money", hidden=name in ("recalled", "clawed"))
            for name, label in BALANCES.items()
        ),
        Column("balance.last_day", N_("使用期至"), "day"),
        Column("version.redeem_by", N_("兑付期至"), "day", hidden=True),
        Column("voucher.issued_at", N_("发放时间"), "moment", hidden=True),
    ],
    filters=[
        Choice("state", N_("状态"), options=STANDINGS, tabs=True),
        Words("words", N_("查找"), address="q", hint=N_("完整券号、企业名称、代码或方案")),
        Choice("city", N_("所在市"), options=city_names, when=several_cities),
        Choice("pilot_id", N_("所属试点"), address="pilot", options=pilot_names, when=several_pilots),
        Day("since", N_("发放日期自")),
        Day("until", N_("发放日期至")),
        Tick("ending", N_("30 天内到期且有余额")),
    ],
    sorts=[
        Sort("newest", N_("最新发放"), queries.NEWEST),
        Sort("oldest", N_("最早发放"), queries.OLDEST),
    ],
    prepare=lambda ctx, rows: Facts(pilots.names(ctx, [wallet.voucher.pilot_id for wallet in rows]), ctx.today),
    empty=N_("没有符合条件的服务券。"),
)
