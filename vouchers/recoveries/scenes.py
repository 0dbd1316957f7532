"""A part of one payment comes back in two transfers; one provider has still to say something, another said no and the
city has to decide."""

from __future__ import annotations

import uuid
from typing import Any, NamedTuple

from marketplace.base.stage import Scene, Stage
from vouchers.claims import queries as claims
from vouchers.recoveries import actions, queries
from vouchers.recoveries.states import Ground


class Story(NamedTuple):
    """A recovery: days before the last when it is opened, fen, why, and what comes in (days before, fen, reference)."""

    key: str
    before: int
    amount_fen: int
    reason: str
    demanded: int | None = None
    came_in: tuple[tuple[int, int, str], ...] = ()
    denied: int | None = None
    """Days before the last when the provider answers that nothing is owed."""


STORIES = (
    Story(
        "first",
        100,
        1_200_00,
        "监督检查发现：实际使用的账号数少于验收记录，多付的部分应退回。",
        88,
        ((80, 700_00, "TK-20260001"), (66, 500_00, "TK-20260002")),
    ),
    Story(
        "second", 44, 860_00, "发票核查发现：部分服务未实际提供，对应的补贴应退回。", 36, ((20, 300_00, "TK-20260003"),)
    ),
    Story("third", 4, 640_00, "抽查发现：培训签到记录与验收材料不一致，请说明。"),
    Story("fourth", 11, 520_00, "核对发现：一台网关未在现场，对应的补贴应退回。", denied=6),
)


def scenes() -> list[Scene]:
    found = []
    for place, story in enumerate(STORIES):
        found.append(Scene(f"recovery {story.key} opened", story.before, _of(_open, story, place), hour=10))
        if story.demanded is not None:
            found.append(Scene(f"recovery {story.key} demanded", story.demanded, _of(_demand, story), hour=10))
        if story.denied is not None:
            found.append(Scene(f"recovery {story.key} denied", story.denied, _of(_deny, story), hour=15))
        found += [
            Scene(f"recovery {story.key} paid back", before, _of(_receive, story, fen, reference), hour=16)
            for before, fen, reference in story.came_in
        ]
    return found


def _of(play: Any, *given: Any) -> Any:
    return lambda stage: play(stage, *given)


def _open(stage: Stage, story: Story, place: int) -> None:
    paid = stage.act(lambda ctx: queries.paid_claims(ctx), "pilot").items
    claim_id = paid[place % len(paid)].id
    made = stage.act(
        lambda ctx: actions.open_recovery(
            ctx, claim_id, amount_fen=story.amount_fen, ground=Ground.INSPECTION, reason=story.reason
        ),
        "pilot",
    )
    stage.props[f"recovery:{story.key}"] = made.id


def _demand(stage: Stage, story: Story) -> None:
    recovery_id = stage.props[f"recovery:{story.key}"]
    who = stage.act(lambda ctx: _debtor(ctx, recovery_id, stage.props["providers"]), "pilot")
    text = "核对属实，同意退回。"
    stage.act(lambda ctx: actions.answer(ctx, recovery_id, agrees=True, text=text), who)
    stage.clock.advance(hours=3)
    reason = "检查记录与对方说明一致，按多付金额追回。"
    stage.act(lambda ctx: actions.demand(ctx, recovery_id, reason=reason), "city")


def _deny(stage: Stage, story: Story) -> None:
    recovery_id = stage.props[f"recovery:{story.key}"]
    who = stage.act(lambda ctx: _debtor(ctx, recovery_id, stage.props["providers"]), "pilot")
    text = "设备当日送检，已附回装照片，请复核。"
    stage.act(lambda ctx: actions.answer(ctx, recovery_id, agrees=False, text=text), who)


def _debtor(ctx: Any, recovery_id: uuid.UUID, providers: list[uuid.UUID]) -> str:
    recovery = queries.get(ctx, recovery_id)
    form = claims.get(ctx, recovery.claim_id).form
    return f"provider{providers.index(form.payee_id) + 1}"


def _receive(stage: Stage, story: Story, fen: int, reference: str) -> None:
    recovery_id = stage.props[f"recovery:{story.key}"]
    stage.act(
        lambda ctx: actions.receive(ctx, recovery_id, amount_fen=fen, bank_reference=reference, received_on=ctx.today),
        "finance",
    )
