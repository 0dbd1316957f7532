"""Registered addresses with their topics, and what was or will be delivered to them."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.db import Base, Identified, one_of
from marketplace.base.keys import look_again
from marketplace.base.permissions import Scope
from marketplace.base.types import ID, Choice, Count, Instant, Name
from marketplace.people.webhooks.states import DeliveryState, Problem, WebhookState


class Webhook(Identified, Base):
    """One address of an organisation's program. Removed, never deleted, because audit rows point at it.

    Its secret stands nowhere: it is derived from the installation's key, the id and the version.
    """

    __tablename__ = "webhook"
    __table_args__ = (
        one_of("state", WebhookState),
        CheckConstraint("secret_version >= 1", name="secret_has_a_version"),
        CheckConstraint("(secret_version = 1) = (rotated_at IS NULL)", name="rotated_iff_a_later_version"),
        Index("ix_webhook_organisation", "organisation_id", "created_at", "id"),
    )

    organisation_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("organisation.id"), nullable=False)
    url: Mapped[str] = mapped_column(Name(), nullable=False)
    note: Mapped[str] = mapped_column(Name(), nullable=False, comment="which program it is, in its owner's words")
    state: Mapped[WebhookState] = mapped_column(Choice(WebhookState), nullable=False, default=WebhookState.ACTIVE)
    secret_version: Mapped[int] = mapped_column(Count(), nullable=False, default=1)
    rotated_at: Mapped[datetime | None] = mapped_column(Instant(), comment="when the present version began")
    delivered_at: Mapped[datetime | None] = mapped_column(Instant(), comment="last delivery that was taken")

    @property
    def scope(self) -> Scope:
        return Scope.of(self.organisation_id)


class WebhookTopic(Base):
    """One topic that an address wants to hear of."""

    __tablename__ = "webhook_topic"
    __table_args__ = (Index("ix_webhook_topic_topic", "topic"), {"info": look_again()})

    webhook_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("webhook.id"), primary_key=True)
    topic: Mapped[str] = mapped_column(Name(), primary_key=True)


class WebhookDelivery(Identified, Base):
    """One message for one address, sent again with the same message id until it is taken or given up."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        one_of("state", DeliveryState),
        one_of("problem", Problem),
        UniqueConstraint("webhook_id", "message_id", info=look_again()),
        CheckConstraint("(state = 'delivered') = (delivered_at IS NOT NULL)", name="delivered_iff_when"),
        CheckConstraint("attempts >= 0", name="attempts_counted"),
        Index("ix_webhook_delivery_newest", "webhook_id", "created_at", "id"),
        Index("ix_webhook_delivery_state", "webhook_id", "state", "created_at", "id"),
        Index("ix_webhook_delivery_age", "created_at"),
        Index(
            "ix_webhook_delivery_waiting",
            "next_try_at",
            "id",
            postgresql_where=text("state = 'waiting'"),
            sqlite_where=text("state = 'waiting'"),
        ),
    )

    webhook_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("webhook.id"), nullable=False)
    message_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False, comment="the receiver drops what came twice")
    topic: Mapped[str] = mapped_column(Name(), nullable=False)
    body: Mapped[str] = mapped_column(Name(), nullable=False, comment="the very text that is signed and sent")
    state: Mapped[DeliveryState] = mapped_column(Choice(DeliveryState), nullable=False, default=DeliveryState.WAITING)
    attempts: Mapped[int] = mapped_column(Count(), nullable=False, default=0)
    next_try_at: Mapped[datetime] = mapped_column(Instant(), nullable=False)
    until: Mapped[datetime] = mapped_column(Instant(), nullable=False, comment="given up when it still fails then")
    tried_at: Mapped[datetime | None] = mapped_column(Instant(), comment="last attempt")
    status: Mapped[int | None] = mapped_column(Count(), comment="HTTP status of the last answer")
    problem: Mapped[Problem | None] = mapped_column(Choice(Problem), comment="why the last attempt failed")
    took_ms: Mapped[int | None] = mapped_column(Count(), comment="how long the last attempt took")
    delivered_at: Mapped[datetime | None] = mapped_column(Instant())
