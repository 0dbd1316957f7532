"""Public selections of the made-up city: one that was decided, and one at every step that others have reached."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from marketplace.base.context import Context
from marketplace.base.roles import Role
from marketplace.base.stage import Scene, Stage
from marketplace.people.accounts.scenes import made_up_code, person, seat
from marketplace.procedure.panels import actions as panels
from marketplace.procedure.panels import pool
from marketplace.procedure.panels import queries as panel_queries
from marketplace.procedure.panels.scoring import Given
from marketplace.procedure.publicity import actions as publicity
from marketplace.shop.roster.states import ServiceClass
from providers.applications import actions as applications
from providers.applications import queries as submitted
from providers.calls import actions as calls
from providers.calls import template
from providers.review import actions as review
from providers.review import queries as reviewed

EXPERTS = ("方文", "邓洁", "彭涛", "曾敏", "汪洋", "蔡琳", "田野", "董平", "潘岳")
FIELD, SPECIAL = "制造业数字化", "家具五金"
SPECIALISTS = 6
"""How many of the experts know the second field: one more than a panel, so that one of them can be replaced."""
PRODUCT, INTEGRATED, LEADER = ServiceClass.PRODUCT.value, ServiceClass.INTEGRATED.value, ServiceClass.CHAIN_LEADER.value


@dataclass(frozen=True)
class Selection:
    """One call and how far it comes: days before the last on which a step is done, None where it is still to come.

    `applicants` are providers counted from one, `seats` the number sought by class.
    """

    key: str
    title: str
    seats: dict[str, int]
    industries: tuple[str, ...]
    applicants: tuple[int, ...]
    published: int
    checked: int | None = None
    scored: int | None = None
    proposed: int | None = None

    @property
    def klass(self) -> ServiceClass:
        """What its applicants apply for."""
        return ServiceClass(next(iter(self.seats)))


FURNITURE = ("C20", "C21", "C33", "C39")
SELECTIONS = (
    Selection("first", "“小快轻准”产品服务商", {PRODUCT: 6}, FURNITURE, (1, 2, 3, 4, 5, 6, 7), 317, 292, 290, 288),
    Selection("scoring", "板材和五金行业产品服务商", {PRODUCT: 2}, FURNITURE[:3], (1, 2, 4), 50, 25),
    Selection("published", "综合集成服务商", {INTEGRATED: 2}, FURNITURE, (1, 2, 5), 46, 24, 9, 2),
    Selection("ranked", "第二批“小快轻准”产品服务商", {PRODUCT: 3}, FURNITURE[:3], (1, 3, 4, 5), 34, 12, 6),
    Selection("checking", "家具产业链链主企业", {LEADER: 2}, FURNITURE[1:2], (2, 3, 5), 28),
    Selection("open", "第三批产品和综合集成服务商", {PRODUCT: 4, INTEGRATED: 1}, FURNITURE[:3], (1, 5), 14),
)
PERIOD = 21
"""Days for which a call takes applications; they are sent in on the twelfth."""


def scenes() -> list[Scene]:
    found = [Scene("experts join the pool", 318, _enlist, hour=11)]
    for number, one in enumerate(SELECTIONS, start=1):
        found.append(_scene(one, "is published", one.published, partial(_publish, number=number)))
        found.append(_scene(one, "applications", one.published - 11, _apply, hour=11))
        if one.checked:
            found.append(_scene(one, "condition checks", one.checked, _check))
        if one.scored:
            found.append(_scene(one, "the panel scores", one.scored, _score))
        if one.proposed:
            found.append(_scene(one, "the proposal is published", one.proposed, _propose))
    running = {one.key: one for one in SELECTIONS}
    return [
        *found,
        Scene("the list is decided", 272, partial(_decide, one=running["first"])),
        Scene("some conditions are decided", 5, partial(_begin_checks, one=running["checking"])),
        Scene("half a panel scores", 4, partial(_half_score, one=running["scoring"])),
        Scene("somebody objects", 1, partial(_object, one=running["published"])),
        Scene("a provider begins an application", 2, partial(_write, one=running["open"])),
        Scene("the next call is drafted", 1, _draft_next),
    ]


def _scene(one: Selection, what: str, before: int, play: Callable[..., None], hour: int = 9) -> Scene:
    return Scene(f"selection {one.key}: {what}", before, partial(play, one=one), hour=hour)


def _enlist(stage: Stage) -> None:
    for number, name in enumerate(EXPERTS, start=1):
        key = f"expert{number}"
        person(stage, key, name, f"1350000{number:04d}")
        seat(stage, key, Role.EXPERT, region=stage.props["city"])
        stage.act(
            lambda ctx, number=number, key=key: pool.enlist(
                ctx,
                phone=stage.props["phones"][key],
                fields=[FIELD, SPECIAL] if number <= SPECIALISTS else [FIELD],
                title="高级工程师",
                employer_uscc=made_up_code("12369900" + f"{80_000_000 + number * 911:08d}"),
                employer_name=f"云溪学院第{number}研究所",
                employed_from=ctx.today - timedelta(days=2000),
                city=stage.props["city"],
            ),
            "city",
        )


def _terms(ctx: Context, edition_id: uuid.UUID, number: int, what: str, seats: dict[str, int]) -> dict[str, Any]:
    terms = template.prefill(ctx, edition_id)
    return terms | {
        "number": f"云工信公告〔演示〕{number}号",
        "title": terms["title"].replace("“小快轻准”产品服务商", what),
        "seats": seats,
        "contact": "云溪市工业和信息化局数字经济科 0799-6100100",
    }


def _publish(stage: Stage, *, number: int, one: Selection) -> None:
    def draft(ctx: Context) -> Any:
        terms = _terms(ctx, stage.props["edition"], number, one.title, one.seats)
        terms |= {"industries": list(one.industries), "closes_on": terms["opens_on"] + timedelta(days=PERIOD - 1)}
        return calls.draft(ctx, **terms)

    call = stage.act(draft, "city")
    stage.act(lambda ctx: calls.publish(ctx, call.id), "city")
    stage.props.setdefault("calls", {})[one.key] = call.id


def _apply(stage: Stage, *, one: Selection) -> None:
    for number in one.applicants:
        key = f"provider{number}"
        made = stage.act(
            lambda ctx: applications.begin(
                ctx,
                stage.props["calls"][one.key],
                klass=one.klass,
                industries=["C21"],
                proposal="面向家具企业的生产管控、质量追溯和设备联网，免费诊断，按效果验收，全部产品九折优惠。",
            ),
            key,
        )
        stage.act(lambda ctx, made=made: applications.submit(ctx, made.id, promise=True), key)
        stage.props.setdefault("applications", {}).setdefault(one.key, []).append(made.id)


def _begin(stage: Stage, one: Selection) -> None:
    stage.act(lambda ctx: calls.close_overdue(ctx))
    stage.act(lambda ctx: review.begin(ctx, stage.props["calls"][one.key]), "city")


def _decide_open(ctx: Context, application_id: uuid.UUID, most: int = 100) -> None:
    """Decide what the machine left open, up to so many conditions."""
    left = [c for c in reviewed.checks(ctx, submitted.get(ctx, application_id)) if c.decision is None]
    for check in left[:most]:
        review.decide_condition(ctx, application_id, check.code, passed=True, reason="材料齐全，属实。")


def _check(stage: Stage, *, one: Selection) -> None:
    _begin(stage, one)
    for application_id in stage.props["applications"][one.key]:

        def decide(ctx: Context, application_id: uuid.UUID = application_id) -> None:
            _decide_open(ctx, application_id)
            review.conclude(ctx, application_id)

        stage.act(decide, "city")


def _begin_checks(stage: Stage, *, one: Selection) -> None:
    """The first application is half checked, the second is asked back, the third nobody has looked at."""
    _begin(stage, one)
    first, second, _ = stage.props["applications"][one.key]
    stage.act(lambda ctx: _decide_open(ctx, first, 2), "city")
    stage.act(
        lambda ctx: review.ask(ctx, second, "请补充两家链上企业的协作案例，并附验收或评价材料。", 10),
        "city",
    )


def _sitting(stage: Stage, panel_id: uuid.UUID) -> list[str]:
    """The cast's names of who sits on a panel, in the order of the pool."""
    seats = stage.act(lambda ctx: panel_queries.seats(ctx, panel_id, sitting=True))
    sitting = {one.person_id for one in seats}
    keys = [f"expert{number}" for number in range(1, len(EXPERTS) + 1)]
    return [key for key in keys if stage.person(key) in sitting]


def _sheets(ctx: Context, panel_id: uuid.UUID, place: int, most: int = 100) -> None:
    """One expert scores the candidates, up to so many; `place` tells the experts' views apart."""
    criteria = panel_queries.get(ctx, panel_id).criteria
    for number, candidate in enumerate(panel_queries.candidates(ctx, panel_id)[:most]):
        sheet = {
            line["code"]: Given(line["max"] * (92 - 3 * number - place) // 100, "材料清楚，与公告要求相符。")
            for line in criteria
        }
        panels.score(ctx, panel_id, candidate.candidate_id, sheet)


def _score(stage: Stage, *, one: Selection) -> None:
    panel = stage.act(lambda ctx: review.draw_panel(ctx, stage.props["calls"][one.key], 5), "city")
    for place, key in enumerate(_sitting(stage, panel.id)):
        stage.act(lambda ctx: panels.declare(ctx, panel.id, False), key)
        stage.act(lambda ctx, place=place: _sheets(ctx, panel.id, place), key)
    stage.act(lambda ctx: panels.close(ctx, panel.id), "city")


def _half_score(stage: Stage, *, one: Selection) -> None:
    """One expert is replaced, so every other specialist sits; the first has begun, the last two have not declared."""
    panel = stage.act(lambda ctx: review.draw_panel(ctx, stage.props["calls"][one.key], 5, [SPECIAL]), "city")
    leaver = stage.person(_sitting(stage, panel.id)[-1])

    def replace(ctx: Context) -> None:
        left = next(s for s in panel_queries.seats(ctx, panel.id) if s.person_id == leaver)
        panels.excuse(ctx, panel.id, left.id, "出国参加学术会议，无法按期评分。")

    stage.act(replace, "city")
    for place, key in enumerate(_sitting(stage, panel.id)[:3]):
        stage.act(lambda ctx: panels.declare(ctx, panel.id, False), key)
        stage.act(lambda ctx, place=place: _sheets(ctx, panel.id, place, 1 if place == 0 else 100), key)


def _propose(stage: Stage, *, one: Selection) -> None:
    """Published by the second officer: the first may rule on objections to it."""
    notice = stage.act(lambda ctx: review.propose(ctx, stage.props["calls"][one.key]), "city2")
    stage.props.setdefault("proposals", {})[one.key] = notice


def _decide(stage: Stage, *, one: Selection) -> None:
    notice = stage.props["proposals"][one.key]
    stage.go_to(notice.ends_on + timedelta(days=1))
    stage.act(lambda ctx: publicity.clear(ctx, notice.id), "city")
    stage.act(lambda ctx: review.decide(ctx, stage.props["calls"][one.key]), "city")


def _object(stage: Stage, *, one: Selection) -> None:
    doubted = stage.props["applications"][one.key][1]  # the second of two places
    stage.act(
        lambda ctx: publicity.object(
            ctx,
            stage.props["proposals"][one.key].id,
            name="聂小满",
            contact="13700000078",
            text="名单中该单位申报的成功案例与实际实施单位不一致，请核实合同和验收材料。",
            item_id=doubted,
        )
    )


def _write(stage: Stage, *, one: Selection) -> None:
    stage.act(
        lambda ctx: applications.begin(
            ctx,
            stage.props["calls"][one.key],
            klass=ServiceClass.PRODUCT,
            industries=["C20", "C21"],
            proposal="面向板材和家具企业的能耗管理与安全巡检，先试用一个月，满意后再签合同。",
        ),
        "provider3",
    )


def _draft_next(stage: Stage) -> None:
    def draft(ctx: Context) -> None:
        terms = _terms(ctx, stage.props["edition"], len(SELECTIONS) + 1, "第四批“小快轻准”产品服务商", {PRODUCT: 5})
        opens_on = ctx.today + timedelta(days=10)
        terms |= {"industries": ["C21"], "opens_on": opens_on, "closes_on": opens_on + timedelta(days=PERIOD - 1)}
        calls.draft(ctx, **terms)

    stage.act(draft, "city")
