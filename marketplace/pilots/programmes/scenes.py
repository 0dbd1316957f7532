"""Pilots of the made-up city in two batches: put forward, reviewed, published, approved, funded; one is suspended."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from marketplace.base.context import Context
from marketplace.base.roles import Role
from marketplace.base.stage import Scene, Stage
from marketplace.people.accounts.scenes import person, seat
from marketplace.pilots.programmes import deciding, nominating, opening, plans, tranches
from marketplace.pilots.programmes.models import Batch
from marketplace.policy.editions import actions as editions
from marketplace.policy.editions import queries as published
from marketplace.procedure.publicity import actions as publicity
from marketplace.record.documents import actions as documents

BOOK = "jiangxi-2023"


@dataclass(frozen=True)
class Area:
    """A pilot to be: its type and class in the book, its place and office in the story's props, the award in fen."""

    name: str
    type: str
    klass: str
    place: str
    office: str
    focus: str
    award: int = 0


COUNTY, BRIDGE, ZONE, PARK, RIDGE, DISTRICT = (
    "county_pilot",
    "bridge_pilot",
    "zone_pilot",
    "park_pilot",
    "ridge_pilot",
    "district_pilot",
)
AREAS = {
    COUNTY: Area(
        "青禾县中小企业数字化转型试点", "county", "county_1", "county", "county_office", "现代家具", 10_000_000_00
    ),
    BRIDGE: Area(
        "石桥县中小企业数字化转型试点", "county", "county_2", "bridge", "bridge_office", "食品加工", 6_000_000_00
    ),
    ZONE: Area(
        "云溪高新区产业集群数字化转型试点", "zone", "provincial_zone", "zone", "zone_office", "电子信息产业集群",
        8_000_000_00,
    ),
    PARK: Area(
        "云溪经开区产业集群数字化转型试点", "zone", "national_zone", "park", "park_office", "汽车零部件产业集群",
        10_000_000_00,
    ),
    RIDGE: Area("云岭县中小企业数字化转型试点", "county", "county_3", "ridge", "ridge_office", "竹木制品"),
    DISTRICT: Area("白鹭区中小企业数字化转型试点", "county", "county_2", "district", "district_office", "纺织服装"),
}  # fmt: skip
FIRST, SECOND = (COUNTY, BRIDGE, ZONE), (PARK, RIDGE)


def scenes() -> list[Scene]:
    return [
        Scene("the rule book, the programme and its batch", 358, _programme),
        Scene("the first nominations", 354, _of(_nominate, "batch", FIRST)),
        Scene("expert review and shortlist", 349, _of(_review, "batch", FIRST)),
        Scene("approval and award", 330, _of(_approve, "batch", FIRST)),
        Scene("officers of the pilots", 330, _officers, hour=15),
        Scene("the first tranche", 326, _tranche),
        Scene("a second batch", 75, _second_batch),
        Scene("two more nominations", 70, _of(_nominate, "second_batch", SECOND)),
        Scene("their review and shortlist", 58, _of(_review, "second_batch", SECOND)),
        Scene("one of them is approved", 36, _of(_approve, "second_batch", (PARK,))),
        Scene("a nomination that nobody has reviewed", 26, _of(_nominate, "second_batch", (DISTRICT,))),
        Scene("a pilot is suspended", 20, _suspend),
        Scene("money is under way", 15, _under_way),
        Scene("the pilot asks to change its plan", 6, _ask_change),
        Scene("more money is proposed", 3, _propose_more),
    ]


def _of(play: Callable[[Stage, str, Iterable[str]], None], batch: str, pilots: Iterable[str]) -> Callable[..., None]:
    return lambda stage: play(stage, batch, pilots)


def paper(stage: Stage, title: str, who: str, **more: object) -> uuid.UUID:
    """A small PDF with a title, stored as that person's document."""
    data = made_up_pdf(title)
    owner = stage.cast[who].organisation_id
    made = stage.act(
        lambda ctx: documents.store(ctx, data, f"{title}.pdf", "evidence", owner_organisation_id=owner, **more),  # type: ignore[arg-type]
        who,
    )
    return made.id


def made_up_pdf(title: str) -> bytes:
    """The smallest honest PDF that says what it stands for."""
    words = title.encode("utf-16-be").hex().upper()
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n"
        b"4 0 obj<</Title<FEFF" + words.encode() + b">>>endobj\ntrailer<</Root 1 0 R/Info 4 0 R>>\n%%EOF\n"
    )


def _programme(stage: Stage) -> None:
    edition = stage.act(lambda ctx: editions.publish(ctx, BOOK), "province_industry")
    programme = stage.act(
        lambda ctx: opening.open_programme(
            ctx,
            code="demo-pilots",
            name="产业集群和中小企业数字化转型试点（演示）",
            edition_id=edition.id,
            finance_department_id=stage.props["finance_department"],
        ),
        "province_industry",
    )
    stage.props |= {"edition": edition.id, "programme": programme.id}
    stage.props["batch"] = _open_batch(stage, "演示批次", year1_end=-40, applications_until=350).id


def _second_batch(stage: Stage) -> None:
    stage.props["second_batch"] = _open_batch(stage, "演示第二批次", year1_end=-330, applications_until=-5).id


def _open_batch(stage: Stage, name: str, *, year1_end: int, applications_until: int) -> Batch:
    """A batch by days before the last; its second year ends 365 days after the first."""
    return stage.act(
        lambda ctx: opening.open_batch(
            ctx,
            stage.props["programme"],
            name=name,
            year1_end=stage.day(year1_end),
            year2_end=stage.day(year1_end - 365),
            applications_until=stage.day(applications_until),
        ),
        "province_industry",
    )


def _nominate(stage: Stage, batch: str, pilots: Iterable[str]) -> None:
    for key in pilots:
        area = AREAS[key]
        plan = paper(stage, f"{area.name}实施方案", "city", city=stage.props["city"])
        letter = paper(stage, f"{area.name}推荐函", "city", city=stage.props["city"])

        def nominate(ctx: Context, area: Area = area, plan: uuid.UUID = plan, letter: uuid.UUID = letter) -> uuid.UUID:
            book = published.book(ctx, stage.props["edition"])
            pilot = nominating.nominate(
                ctx,
                stage.props[batch],
                name=area.name,
                type=area.type,
                klass=area.klass,
                region=stage.props[area.place],
                office_organisation_id=stage.props[area.office],
                focus=area.focus,
                target_enterprises=40,
                plan_document_id=plan,
                letters=[
                    nominating.Letter(department, f"云工信联〔演示〕{number}号", letter)
                    for number, department in enumerate(book.application.departments_zh, start=1)
                ],
                declarations={
                    code: nominating.Declared(f"已具备：{condition.name_zh}，材料见实施方案。", plan)
                    for code, condition in book.application.conditions.items()
                    if area.type in condition.types
                },
            )
            return pilot.id

        stage.props[key] = stage.act(nominate, "city")


def _review(stage: Stage, batch: str, pilots: Iterable[str]) -> None:
    for key in pilots:
        stage.act(
            lambda ctx, key=key: deciding.review(
                ctx, stage.props[key], passed=True, note="方案目标清楚，基础较好；建议细化资金进度安排。"
            ),
            "province_industry",
        )
    stage.props[f"{batch}_shortlist"] = stage.act(
        lambda ctx: deciding.publish_shortlist(ctx, stage.props[batch]), "province_industry"
    )


def _approve(stage: Stage, batch: str, pilots: Iterable[str]) -> None:
    notice = stage.props[f"{batch}_shortlist"]
    stage.go_to(notice.ends_on + timedelta(days=1))
    stage.act(lambda ctx: publicity.clear(ctx, notice.id), "province_industry")
    for key in pilots:
        stage.act(lambda ctx, key=key: deciding.approve(ctx, stage.props[key], AREAS[key].award), "province_industry")


def _officers(stage: Stage) -> None:
    officers = (("pilot", "王秀英", COUNTY), ("zone_pilot_officer", "谢辉", ZONE))
    for number, (key, name, pilot) in enumerate(officers):
        person(stage, key, name, f"1380000{200 + number:04d}")
        seat(stage, key, Role.PILOT, pilot_id=stage.props[pilot], organisation_id=stage.props[AREAS[pilot].office])


def _send(stage: Stage, key: str, amount: int, number: int) -> uuid.UUID:
    """One department proposes a tranche, the other releases it."""
    tranche = stage.act(lambda ctx: tranches.propose_tranche(ctx, stage.props[key], amount), "province_industry")
    stage.act(lambda ctx: tranches.release_tranche(ctx, tranche.id, f"赣财建指〔演示〕{number}号"), "province_finance")
    return tranche.id


def _tranche(stage: Stage) -> None:
    for number, key in enumerate(FIRST, start=1):
        tranche_id = _send(stage, key, AREAS[key].award // 2, number)
        stage.go_to(stage.day(324 - number), 10)
        stage.act(
            lambda ctx, t=tranche_id, n=number: tranches.receive_tranche(
                ctx, t, received_on=ctx.today, bank_reference=f"DEMO-RCPT-{n:04d}"
            ),
            "finance",
        )


def _suspend(stage: Stage) -> None:
    stage.act(
        lambda ctx: deciding.suspend(
            ctx, stage.props[BRIDGE], "年度检查发现实施进度严重滞后、资金台账不全，暂停试点资格，限三十日内整改。"
        ),
        "province_industry",
    )


def _under_way(stage: Stage) -> None:
    _send(stage, PARK, 3_000_000_00, len(FIRST) + 1)


def _propose_more(stage: Stage) -> None:
    stage.act(lambda ctx: tranches.propose_tranche(ctx, stage.props[PARK], 2_000_000_00), "province_industry")


def _ask_change(stage: Stage) -> None:
    stage.act(
        lambda ctx: plans.request_change(
            ctx,
            stage.props[COUNTY],
            title="把改造企业由 40 家增加到 46 家",
            text="县内五金配套企业参与意愿超出预期，拟在奖补资金总额不变的前提下增加六家，由县级配套解决差额。",
        ),
        "pilot",
    )
