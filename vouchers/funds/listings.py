"""The pilots' money, one row for each source of a pilot."""

from __future__ import annotations

from flask import url_for

from marketplace.base.text import N_
from marketplace.shop.orders.listings import several_cities, several_pilots
from marketplace.shop.roster.listings import city_names
from marketplace.web.listings import Choice, Column, Listing, Tick, Words
from vouchers.funds import queries
from vouchers.ledger.models.funds import Fund

SOURCES = {"province": N_("省级奖补资金"), "city": N_("市级资金"), "county": N_("县级资金")}

FUNDS = Listing(
    "funds",
    N_("资金"),
    rows=queries.listed,
    columns=[
        Column(
            "pilot",
            N_("试点"),
            value=lambda row, _: row[1],
            link=lambda row: url_for("funds.show", pilot_id=row[0].pilot_id),
        ),
        Column(
            "source",
            N_("资金来源"),
            "word",
            value=lambda row, _: SOURCES.get(row[0].source, row[0].source),
            hidden=True,
        ),
        Column(
            "city", N_("所在市"), value=lambda row, cities: cities.get(row[0].city, row[0].city), when=several_cities
        ),
        Column("award", N_("核定"), "money", value=lambda row, _: row[0].award),
        Column("received", N_("已到位"), "money", value=lambda row, _: row[0].received),
        Column("renovation", N_("企业改造额度"), "money", value=lambda row, _: row[0].renovation_allotted),
        Column("other", N_("其他用途额度"), "money", value=lambda row, _: row[0].other_allotted),
        Column("left", N_("未安排"), "money", value=lambda row, _: _left(row[0])),
        Column("paid", N_("已支付"), "money", value=lambda row, _: row[0].paid),
        Column("recovered", N_("已追回"), "money", value=lambda row, _: row[0].recovered, hidden=True),
        Column("returned", N_("已交回"), "money", value=lambda row, _: row[0].returned, hidden=True),
    ],
    filters=[
        Words("words", N_("试点"), address="q", when=several_pilots),
        Choice("city", N_("所在市"), options=city_names, when=several_cities),
        Tick("unallotted", N_("还有未安排的额度"), when=several_pilots),
    ],
    prepare=lambda ctx, rows: city_names(ctx),
    empty=N_("试点批复后，奖补资金会显示在这里。"),
)


def _left(fund: Fund) -> int:
    """What of the award is not divided yet, in fen."""
    return fund.award - fund.renovation_allotted - fund.other_allotted
