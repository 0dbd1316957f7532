"""A public selection in the made-up city, from the call to the roster."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from marketplace.base.context import Context
from marketplace.base.roles import Role
from marketplace.base.stage import Scene, Stage
from marketplace.people.accounts.scenes import GIVEN, SURNAMES, made_up_code, person, register, seat
from marketplace.people.organisations import actions as organisations
from marketplace.people.organisations.states import CapacityKind
from marketplace.pilots.members.scenes import made_up_pdf
from marketplace.procedure.panels import actions as panels
from marketplace.procedure.panels import pool
from marketplace.procedure.panels import queries as panel_queries
from marketplace.procedure.panels.scoring import Given
from marketplace.procedure.publicity import actions as publicity
from marketplace.shop.roster.models import RosterEntry
from marketplace.shop.roster.states import ServiceClass
from providers.applications import actions as applications
from providers.applications import dossiers
from providers.applications import queries as submitted
from providers.applications.states import ProofKind
from providers.calls import actions as calls
from providers.calls import template
from providers.review import actions as review
from providers.review import queries as reviewed
from providers.standing import actions as standing
from providers.standing.states import Measure

PROVIDERS = (
    ("云溪赣数科技有限公司", 12, 86, 3),
    ("江西联智工业互联网有限公司", 9, 140, 2),
    ("云溪精诚软件有限公司", 7, 45, 2),
    ("赣江云服信息技术有限公司", 6, 62, 1),
    ("匠心智造数字化服务有限公司", 8, 51, 2),
    ("云溪恒通自动化有限公司", 11, 73, 1),
    ("新芽数字科技有限公司", 1, 12, 0),
)
"""Name, years in business, staff, cases; the last one misses two conditions of the call."""
EXPERTS = ("方文", "邓洁", "彭涛", "曾敏", "汪洋", "蔡琳", "田野", "董平", "潘岳")


def scenes() -> list[Scene]:
    return [
        Scene("providers register", 318, _register),
        Scene("the call is published", 317, _call),
        Scene("dossiers and applications", 306, _apply),
        Scene("condition checks", 292, _check),
        Scene("the panel scores", 290, _score),
        Scene("the proposal is published", 288, _propose),
        Scene("the list is decided", 272, _decide),
        Scene("one provider is suspended", 30, _suspend),
    ]


def _register(stage: Stage) -> None:
    for number, (name, _, staff, _) in enumerate(PROVIDERS, start=1):
        key = f"provider{number}"
        person(stage, key, SURNAMES[number] + GIVEN[number], f"1360000{number:04d}")
        made = register(
            stage, name, CapacityKind.PROVIDER, stage.props["county"], 300 + number,
            industry="I65", who=key, employees=staff, revenue_fen=(20 + number) * 1_000_000_00,
        )  # fmt: skip
        stage.act(lambda ctx, made=made: organisations.confirm(ctx, made.id), "city")
        seat(stage, key, Role.PROVIDER, organisation_id=made.id)
        stage.props.setdefault("providers", []).append(made.id)
    for number, name in enumerate(EXPERTS, start=1):
        key = f"expert{number}"
        who = person(stage, key, name, f"1350000{number:04d}")
        seat(stage, key, Role.EXPERT, region=stage.props["city"])
        stage.act(
            lambda ctx, number=number, who=who: pool.enlist(
                ctx,
                phone=stage.props["phones"][f"expert{number}"],
                fields=["制造业数字化"],
                title="高级工程师",
                employer_uscc=made_up_code("12369900" + f"{80_000_000 + number * 911:08d}"),
                employer_name=f"云溪学院第{number}研究所",
                employed_from=ctx.today - timedelta(days=2000),
                city=stage.props["city"],
            ),
            "city",
        )


def _call(stage: Stage) -> None:
    def draft(ctx: Context) -> Any:
        terms = template.prefill(ctx, stage.props["edition"])
        terms |= {
            "number": "云工信公告〔演示〕1号",
            "seats": {ServiceClass.PRODUCT.value: 6},
            "contact": "云溪市工业和信息化局数字经济科 0799-6100100",
            "industries": ["C20", "C21", "C33", "C39"],
        }
        return calls.draft(ctx, **terms)

    call = stage.act(draft, "city")
    stage.act(lambda ctx: calls.publish(ctx, call.id), "city")
    stage.props["call"] = call.id


def _apply(stage: Stage) -> None:
    stage.props["applications"] = []
    for number, (name, years, staff, cases) in enumerate(PROVIDERS, start=1):
        key = f"provider{number}"
        stage.act(
            lambda ctx, years=years, staff=staff, name=name: dossiers.save(
                ctx,
                founded_on=ctx.today - timedelta(days=365 * years + 40),
                staff=staff,
                technical_staff=staff * 2 // 3,
                revenue_fen=staff * 400_000_00,
                bad_credit=False,
                introduction=f"{name}专注制造业中小企业数字化改造，提供小型化、快速化、轻量化、精准化的产品和服务。",
                knowledge="深耕家具、板材和五金行业，沉淀了工序、设备和质量的数据模型。",
                engineering="有自己的实施团队，平均三十天内上线，按里程碑交付。",
                ecosystem="与设备厂商、云服务商和本地高校建立了合作。",
                continuity="提供不少于三年的运维服务，能力沉淀到市数字诊所。",
            ),
            key,
        )
        for case in range(cases):
            stage.act(
                lambda ctx, case=case: dossiers.add_case(
                    ctx,
                    client_name=f"邻市示范家具厂（{case + 1}）",
                    industry="C21",
                    title="生产管控与质量追溯",
                    finished_on=ctx.today - timedelta(days=200 + 90 * case),
                    amount_fen=180_000_00,
                    effect="在制品减少两成，交付准时率提高到百分之九十六。",
                    contact="0799-6200300",
                ),
                key,
            )
        if cases:
            stage.act(
                lambda ctx, name=name, number=number: dossiers.add_proof(
                    ctx,
                    kind=ProofKind.COPYRIGHT,
                    name=f"{name}生产管控软件",
                    number=f"2024SR{100000 + number}",
                    data=made_up_pdf(f"{name}软件著作权"),
                    filename="软件著作权登记证书.pdf",
                ),
                key,
            )
        made = stage.act(
            lambda ctx: applications.begin(
                ctx,
                stage.props["call"],
                klass=ServiceClass.PRODUCT,
                industries=["C21"],
                proposal="面向家具企业的生产管控、质量追溯和设备联网，免费诊断，按效果验收，全部产品九折优惠。",
            ),
            key,
        )
        stage.act(lambda ctx, made=made: applications.submit(ctx, made.id, promise=True), key)
        stage.props["applications"].append(made.id)


def _check(stage: Stage) -> None:
    call_id = stage.props["call"]
    stage.act(lambda ctx: calls.close_overdue(ctx))
    stage.act(lambda ctx: review.begin(ctx, call_id), "city")
    for application_id in stage.props["applications"]:

        def decide(ctx: Context, application_id: Any = application_id) -> None:
            application = submitted.get(ctx, application_id)
            for check in reviewed.checks(ctx, application):
                if check.decision is None:
                    review.decide_condition(ctx, application_id, check.code, passed=True, reason="材料齐全，属实。")
            review.conclude(ctx, application_id)

        stage.act(decide, "city")


def _score(stage: Stage) -> None:
    panel = stage.act(lambda ctx: review.draw_panel(ctx, stage.props["call"], 5), "city")
    drawn = {key: stage.cast[key] for key in (f"expert{number}" for number in range(1, len(EXPERTS) + 1))}
    seats = stage.act(lambda ctx: panel_queries.seats(ctx, panel.id))
    sitting = {seat.person_id for seat in seats}
    for place, (key, actor) in enumerate(sorted(drawn.items())):
        if actor.person_id not in sitting:
            continue
        stage.act(lambda ctx: panels.declare(ctx, panel.id, False), key)

        def score(ctx: Context, place: int = place) -> None:
            criteria = panel_queries.get(ctx, panel.id).criteria
            for number, candidate in enumerate(panel_queries.candidates(ctx, panel.id)):
                sheet = {
                    line["code"]: Given(line["max"] * (92 - 3 * number - place) // 100, "材料清楚，与公告要求相符。")
                    for line in criteria
                }
                panels.score(ctx, panel.id, candidate.candidate_id, sheet)

        stage.act(score, key)
    stage.act(lambda ctx: panels.close(ctx, panel.id), "city")


def _propose(stage: Stage) -> None:
    stage.props["proposal"] = stage.act(lambda ctx: review.propose(ctx, stage.props["call"]), "city")


def _decide(stage: Stage) -> None:
    notice = stage.props["proposal"]
    stage.go_to(notice.ends_on + timedelta(days=1))
    stage.act(lambda ctx: publicity.clear(ctx, notice.id), "city")
    stage.act(lambda ctx: review.decide(ctx, stage.props["call"]), "city2")


def _suspend(stage: Stage) -> None:
    last = stage.props["providers"][5]
    entry = stage.act(lambda ctx: ctx.session.scalars(select(RosterEntry).where(RosterEntry.provider_id == last)).one())
    stage.act(
        lambda ctx: standing.take(
            ctx, entry.id, Measure.SUSPEND, reason="交付多次逾期，责令整改，暂停承接新业务。", clause="二(四)"
        ),
        "city",
    )
