"""What becomes of providers that do not keep to the rules of the made-up city."""

from __future__ import annotations

from sqlalchemy import select

from marketplace.base.stage import Scene, Stage
from marketplace.policy.sanctions import actions as sanctions
from marketplace.policy.sanctions.states import Subject
from marketplace.shop.roster.models import RosterEntry
from providers.standing import actions as standing
from providers.standing.states import Measure


def scenes() -> list[Scene]:
    return [Scene("a provider is banned", 240, _ban), Scene("a provider is suspended", 30, _suspend)]


def _ban(stage: Stage) -> None:
    """The last provider had not been chosen; what it had handed in turned out to be forged."""
    stage.act(
        lambda ctx: sanctions.impose(
            ctx,
            subject_kind=Subject.ORGANISATION,
            subject_id=str(stage.props["providers"][-1]),
            edition_id=stage.props["edition"],
            reason="在服务商遴选中提交伪造的客户验收材料，经核查属实。",
        ),
        "province_industry",
    )


def _suspend(stage: Stage) -> None:
    last = stage.props["providers"][5]
    entry = stage.act(lambda ctx: ctx.session.scalars(select(RosterEntry).where(RosterEntry.provider_id == last)).one())
    stage.act(
        lambda ctx: standing.take(
            ctx, entry.id, Measure.SUSPEND, reason="交付多次逾期，责令整改，暂停承接新业务。", clause="二(四)"
        ),
        "city",
    )
