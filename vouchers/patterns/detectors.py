"""The rules over many orders (四(二)): prices at the cap, one provider's share, orders in pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from marketplace.base import money
from marketplace.base.context import Context
from marketplace.base.roles import Role
from marketplace.base.streams import chunks
from marketplace.base.text import N_
from marketplace.people.organisations import queries as organisations
from marketplace.policy.findings import limits
from marketplace.policy.findings.detectors import Detector, Suspicion
from marketplace.policy.findings.states import Severity
from vouchers.patterns import queries, rules
from vouchers.patterns.queries import Placed, Share

CLAUSE = "四(二)"
_CHUNK = 200
_AT_CAP = N_(
    "“{provider}”在“{pilot}”的 {orders} 笔订单中有 {near} 笔价格紧贴补贴上限，"
    "其他服务商 {other_orders} 笔中有 {other_near} 笔。"
)
_SPLIT = N_(
    "“{enterprise}”在 {days} 天内向“{providers}”下单 {count} 笔，"
    "价格合计 {total} 元，补贴合计 {subsidy} 元，单券上限 {cap} 元，疑似拆分订单。"
)


def at_cap(ctx: Context) -> Iterator[Suspicion]:
    """Providers whose prices lie just under what is paid most for. Twice as many such orders are a new case."""
    least = limits.of("price.at_cap")
    for found in queries.at_cap(ctx, least["band_bps"]):
        if not rules.clusters_at_cap(found, orders=least["orders"], share_bps=least["share_bps"], times=least["times"]):
            continue
        yield Suspicion(
            subject_kind="organisation",
            subject_id=str(found.provider_id),
            city=found.city,
            pilot_id=found.pilot_id,
            template=_AT_CAP,
            evidence={
                "provider": found.provider,
                "pilot": found.pilot,
                "orders": found.orders,
                "near": found.near,
                "other_orders": found.other_orders,
                "other_near": found.other_near,
            },
            fingerprint=f"{found.pilot_id}:{found.near.bit_length()}",
            url=f"/organisations/{found.provider_id}",
        )


def share(ctx: Context, rule: str, of_batch: bool) -> Iterator[Suspicion]:
    """Providers with a large part of the subsidies of a pilot or batch. Ten per cent more are a new case."""
    least = limits.of(rule)
    found = queries.shares(ctx, of_batch=of_batch, least_orders=least["orders"], share_bps=least["share_bps"])
    return (_share(one, of_batch) for one in found)


def _share(found: Share, of_batch: bool) -> Suspicion:
    return Suspicion(
        subject_kind="organisation",
        subject_id=str(found.provider_id),
        city=found.place,
        pilot_id=None if of_batch else found.whole_id,
        template=N_("“{provider}”的 {orders} 笔订单占“{whole}”服务券补贴的 {share}（{amount} 元，共 {all} 元）。"),
        evidence={
            "provider": found.provider,
            "whole": found.whole,
            "orders": found.orders,
            "share": f"{found.bps / 100:.2f}%",
            "amount": money.plain(found.amount_fen, grouped=True),
            "all": money.plain(found.all_fen, grouped=True),
        },
        fingerprint=f"{found.whole_id}:{found.bps // 1_000}",
        url=f"/organisations/{found.provider_id}",
    )


def split(ctx: Context) -> Iterator[Suspicion]:
    """Orders of one enterprise with one provider, or with several that belong together, which look cut in pieces.

    What is known of the providers is looked up for some hundred enterprises at once.
    """
    least = limits.of("order.split")
    share_bps = limits.of("party.related")["share_bps"]
    for chunk in chunks(queries.several(ctx), _CHUNK):
        profiles = organisations.profiles(ctx, list({o.provider_id for orders in chunk for o in orders}))
        for orders in chunk:
            for group in rules.together({o.provider_id: None for o in orders}, profiles, share_bps):
                own = [o for o in orders if o.provider_id in group]
                for run in rules.pieces(own, days=least["days"], total_fen=least["total_yuan"] * 100):
                    names = "、".join(sorted({profiles[o.provider_id].name for o in run}))
                    yield _split(run, names)


def _split(run: list[Placed], providers: str) -> Suspicion:
    first = run[0]
    return Suspicion(
        subject_kind="organisation",
        subject_id=str(first.enterprise_id),
        city=first.city,
        pilot_id=first.pilot_id,
        template=_SPLIT,
        evidence={
            "enterprise": first.enterprise,
            "providers": providers,
            "count": len(run),
            "days": (run[-1].at - first.at).days + 1,
            "total": money.plain(sum(o.total_fen for o in run), grouped=True),
            "subsidy": money.plain(sum(o.subsidy_fen for o in run), grouped=True),
            "cap": money.plain(max(o.cap_fen for o in run), grouped=True),
            "orders": "、".join(o.number for o in run),
        },
        fingerprint=str(first.order_id),
        url=f"/orders/{first.order_id}",
    )


_SHARE = {
    "provider": N_("服务商"),
    "whole": N_("范围"),
    "orders": N_("订单数"),
    "share": N_("占比"),
    "amount": N_("该服务商补贴（元）"),
    "all": N_("全部补贴（元）"),
}
_SHARE_LIMITS = {"orders": N_("订单总数不少于"), "share_bps": N_("占比不低于")}


def _share_rule(code: str, label: str, owner: Role, *, of_batch: bool) -> Detector:
    find: Callable[[Context], Iterable[Suspicion]] = partial(share, rule=code, of_batch=of_batch)
    return Detector(
        code, label, CLAUSE, Severity.WARN, find,
        owner=owner, working_days=15, evidence=_SHARE, limits=_SHARE_LIMITS,
    )  # fmt: skip


RULES = (
    Detector(
        "price.at_cap",
        N_("价格集中在补贴上限"),
        CLAUSE,
        Severity.WARN,
        at_cap,
        evidence={
            "provider": N_("服务商"),
            "pilot": N_("试点"),
            "orders": N_("订单数"),
            "near": N_("紧贴上限的订单数"),
            "other_orders": N_("其他服务商订单数"),
            "other_near": N_("其他服务商紧贴上限的订单数"),
        },
        limits={
            "band_bps": N_("低于上限不超过"),
            "orders": N_("紧贴上限的订单不少于"),
            "share_bps": N_("占其订单不低于"),
            "times": N_("为其他服务商占比的倍数不低于"),
        },
    ),
    _share_rule("provider.share", N_("一家服务商占试点补贴过高"), Role.CITY, of_batch=False),
    _share_rule("provider.share_batch", N_("一家服务商占批次补贴过高"), Role.PROVINCE, of_batch=True),
    Detector(
        "order.split",
        N_("疑似拆分订单"),
        CLAUSE,
        Severity.WARN,
        split,
        evidence={
            "enterprise": N_("企业"),
            "providers": N_("服务商"),
            "count": N_("订单数"),
            "days": N_("相隔天数"),
            "total": N_("价格合计（元）"),
            "subsidy": N_("补贴合计（元）"),
            "cap": N_("单券上限（元）"),
            "orders": N_("订单编号"),
        },
        limits={"days": N_("相隔不超过（天）"), "total_yuan": N_("或价格合计达到（元）")},
    ),
)
