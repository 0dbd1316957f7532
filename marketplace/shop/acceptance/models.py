"""One row per judgement of one order's renovation; the latest counts."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.db import Base, Identified, one_of
from marketplace.base.keys import look_again
from marketplace.base.permissions import Scope
from marketplace.base.types import ID, Choice, Count, Day, Flag, Json, Name
from marketplace.shop.acceptance.states import Result

_PASSED = text("result = 'passed'")


class Acceptance(Identified, Base):
    """The city's judgement of a renovation."""

    __tablename__ = "acceptance"
    __table_args__ = (
        UniqueConstraint("order_id", "round", info=look_again()),
        one_of("result", Result),
        CheckConstraint("points >= 0", name="points_not_negative"),
        Index(
            "acceptance_passed_once",
            "order_id",
            unique=True,
            sqlite_where=_PASSED,
            postgresql_where=_PASSED,
            info=look_again(),
        ),
        Index("ix_acceptance_city_newest", "city", "created_at", "id"),
        Index("ix_acceptance_pilot_newest", "pilot_id", "created_at", "id"),
    )

    order_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("shop_order.id"), nullable=False)
    round: Mapped[int] = mapped_column(Count(), nullable=False, comment="1 for the first judgement")
    enterprise_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("organisation.id"), nullable=False, index=True)
    provider_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("organisation.id"), nullable=False)
    pilot_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("pilot.id"), nullable=False)
    city: Mapped[str] = mapped_column(Name(), nullable=False)
    scores: Mapped[dict[str, int]] = mapped_column(Json(), nullable=False, comment="points per angle of the book")
    points: Mapped[int] = mapped_column(Count(), nullable=False)
    finance_clean: Mapped[bool] = mapped_column(Flag(), nullable=False)
    level_before: Mapped[str | None] = mapped_column(Name(), comment="step of the book's scale: L3")
    level_after: Mapped[str] = mapped_column(Name(), nullable=False)
    rank_after: Mapped[int] = mapped_column(Count(), nullable=False, comment="its place on the scale, lowest 1")
    level_record_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("level_record.id"), nullable=False)
    result: Mapped[Result] = mapped_column(Choice(Result), nullable=False)
    accepted_on: Mapped[date] = mapped_column(Day(), nullable=False)
    officer: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    reason: Mapped[str] = mapped_column(Name(), nullable=False)

    @property
    def scope(self) -> Scope:
        return Scope.of(self.enterprise_id, self.provider_id, pilot_id=self.pilot_id, city=self.city)

    @property
    def facts(self) -> dict[str, Any]:
        """What the audit row says of the judgement."""
        return {"points": self.points, "level_after": self.level_after, "result": self.result, "round": self.round}
