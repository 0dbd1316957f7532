"""What becomes of a provider on the made-up city's list."""

from __future__ import annotations

from sqlalchemy import select

from marketplace.base.stage import Scene, Stage
from marketplace.shop.roster.models import RosterEntry
from providers.standing import actions as standing
from providers.standing.states import Measure


def scenes() -> list[Scene]:
    return [Scene("one provider is suspended", 30, _suspend)]


def _suspend(stage: Stage) -> None:
    last = stage.props["providers"][5]
    entry = stage.act(lambda ctx: ctx.session.scalars(select(RosterEntry).where(RosterEntry.provider_id == last)).one())
    stage.act(
        lambda ctx: standing.take(
            ctx, entry.id, Measure.SUSPEND, reason="交付多次逾期，责令整改，暂停承接新业务。", clause="二(四)"
        ),
        "city",
    )
