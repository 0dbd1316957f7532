"""Schemes are published: renovation first; later advice with every limit, and the cloud without asking."""

from __future__ import annotations

from marketplace.base.stage import Scene, Stage
from marketplace.shop.catalogue.states import CostType
from marketplace.shop.orders.states import Mode
from vouchers.schemes import actions, queries
from vouchers.schemes.states import Basis, OnShort

FACE = 120_000_00


def scenes() -> list[Scene]:
    return [
        Scene("a scheme is published", 250, _renovation),
        Scene("a second scheme is published", 30, _services),
        Scene("a third scheme is published", 28, _cloud),
    ]


def _publish(stage: Stage, prop: str, code: str, name: str, terms: actions.TermsInput) -> None:
    """The county's office drafts a scheme and publishes its first version, which it leaves behind as `prop`."""
    made = stage.act(
        lambda ctx: actions.draft_scheme(ctx, pilot_id=stage.props["county_pilot"], code=code, name=name, terms=terms),
        "pilot",
    )
    version = stage.act(lambda ctx: queries.versions(ctx, queries.get(ctx, made.id))[0], "pilot")
    stage.act(lambda ctx: actions.publish_version(ctx, version.id), "pilot")
    stage.props[prop] = version.id


def _renovation(stage: Stage) -> None:
    terms = actions.TermsInput(
        category="renovation",
        mode=Mode.DIRECT,
        basis=Basis.GROSS,
        rate_bps=4000,
        cap_voucher_fen=FACE,
        cap_enterprise_year_fen=180_000_00,
        cost_types=[CostType.SOFTWARE.value, CostType.CLOUD.value, CostType.HARDWARE.value],
        on_short=OnShort.REFUSE,
        use_by=stage.day(-60),
        redeem_by=stage.day(-240),
    )
    _publish(stage, "version", "RENOVATION", "企业数字化改造服务券", terms)


def _services(stage: Stage) -> None:
    """Advice and diagnosis, with every limit that a scheme can have; enterprises ask for it themselves."""
    terms = actions.TermsInput(
        category="services",
        mode=Mode.REIMBURSED,
        basis=Basis.NET,
        rate_bps=5000,
        cap_voucher_fen=20_000_00,
        cap_enterprise_year_fen=20_000_00,
        cost_types=[CostType.SERVICE.value],
        on_short=OnShort.PARTIAL,
        use_by=stage.day(-150),
        redeem_by=stage.day(-240),
        cap_order_fen=15_000_00,
        cap_provider_year_fen=100_000_00,
        cap_scheme_fen=300_000_00,
        min_use_bps=7000,
        use_days=90,
        redeem_days=120,
    )
    _publish(stage, "services", "SERVICES", "数字化诊断咨询服务券", terms)


def _cloud(stage: Stage) -> None:
    """A small voucher for services in the cloud, of two faces, that is given without asking."""
    terms = actions.TermsInput(
        category="saas",
        mode=Mode.DIRECT,
        basis=Basis.GROSS,
        rate_bps=8000,
        cap_voucher_fen=5_000_00,
        cap_enterprise_year_fen=10_000_00,
        cost_types=[CostType.CLOUD.value],
        on_short=OnShort.PARTIAL,
        use_by=stage.day(-150),
        redeem_by=stage.day(-240),
        faces_fen=[2_000_00, 5_000_00],
        automatic_fen=2_000_00,
    )
    _publish(stage, "cloud", "CLOUD", "中小企业上云普惠券", terms)
