"""Two pilots of the made-up city: nominated, reviewed, published, approved, funded; and the enterprises in them."""

from __future__ import annotations

import uuid
from datetime import timedelta

from marketplace.base.context import Context
from marketplace.base.roles import Role
from marketplace.base.stage import Scene, Stage
from marketplace.people.accounts.scenes import made_up_name, person, register, seat
from marketplace.people.organisations import actions as organisations
from marketplace.people.organisations import bank, facts
from marketplace.people.organisations import queries as registered
from marketplace.people.organisations.states import CapacityKind, FactKind
from marketplace.pilots.members import actions as members
from marketplace.pilots.programmes import deciding, nominating, opening, tranches
from marketplace.policy.editions import actions as editions
from marketplace.policy.editions import queries as published
from marketplace.procedure.publicity import actions as publicity
from marketplace.record.documents import actions as documents

BOOK = "jiangxi-2023"
COUNTY_NAME, ZONE_NAME = "青禾县中小企业数字化转型试点", "云溪高新区产业集群数字化转型试点"
PILOTS = {
    "county_pilot": (COUNTY_NAME, "county", "county_1", "county", "county_office", "现代家具", 10_000_000_00),
    "zone_pilot": (ZONE_NAME, "zone", "provincial_zone", "zone", "zone_office", "电子信息产业集群", 8_000_000_00),
}
ENTERPRISES = (
    ("青禾县松月家具有限公司", "C21", 186, 68_000_000_00, True),
    ("青禾县恒木家居制造有限公司", "C21", 240, 92_000_000_00, True),
    ("青禾县南岭板材有限公司", "C20", 95, 31_000_000_00, False),
    ("青禾县佳和沙发厂", "C21", 64, 18_500_000_00, False),
    ("青禾县锦程五金制品有限公司", "C33", 120, 40_000_000_00, False),
    ("青禾县明轩办公家具有限公司", "C21", 150, 55_000_000_00, False),
    ("青禾县安居门窗有限公司", "C20", 72, 22_000_000_00, False),
    ("青禾县立品定制家居有限公司", "C21", 210, 80_000_000_00, True),
    ("青禾县雅致涂装材料有限公司", "C26", 58, 26_000_000_00, False),
    ("青禾县新程儿童家具有限公司", "C21", 88, 29_000_000_00, False),
    ("青禾县富林木业有限公司", "C20", 130, 47_000_000_00, False),
    ("青禾县众诚软体家具智能制造与供应链服务股份有限公司", "C21", 275, 120_000_000_00, True),
)

SUSPECT = 10
"""Whose legal representative has the name of its provider's: the officers have a finding to look into."""


def scenes() -> list[Scene]:
    return [
        Scene("the rule book, the programme and its batch", 358, _programme),
        Scene("two nominations", 354, _nominate),
        Scene("expert review and shortlist", 349, _review),
        Scene("approval and award", 330, _approve),
        Scene("the first tranche", 326, _tranche),
        Scene("enterprises register and are confirmed", 262, _enterprises),
        Scene("the renovation list", 256, _list),
        Scene("papers wait on the officers' desks", 1, _papers, hour=15),
    ]


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
    batch = stage.act(
        lambda ctx: opening.open_batch(
            ctx,
            programme.id,
            name="演示批次",
            year1_end=stage.today + timedelta(days=40),
            year2_end=stage.today + timedelta(days=405),
            applications_until=stage.day(350),
        ),
        "province_industry",
    )
    stage.props |= {"edition": edition.id, "programme": programme.id, "batch": batch.id}


def _nominate(stage: Stage) -> None:
    for key, (name, kind, klass, place, office, focus, _) in PILOTS.items():
        plan = paper(stage, f"{name}实施方案", "city", city=stage.props["city"])
        letter = paper(stage, f"{name}推荐函", "city", city=stage.props["city"])

        def nominate(
            ctx: Context, name: str = name, kind: str = kind, klass: str = klass, place: str = place,
            office: str = office, focus: str = focus, plan: uuid.UUID = plan, letter: uuid.UUID = letter,
        ) -> uuid.UUID:  # fmt: skip
            book = published.book(ctx, stage.props["edition"])
            pilot = nominating.nominate(
                ctx,
                stage.props["batch"],
                name=name,
                type=kind,
                klass=klass,
                region=stage.props[place],
                office_organisation_id=stage.props[office],
                focus=focus,
                target_enterprises=40,
                plan_document_id=plan,
                letters=[
                    nominating.Letter(department, f"云工信联〔演示〕{number}号", letter)
                    for number, department in enumerate(book.application.departments_zh, start=1)
                ],
                declarations={
                    code: nominating.Declared(f"已具备：{condition.name_zh}，材料见实施方案。", plan)
                    for code, condition in book.application.conditions.items()
                    if kind in condition.types
                },
            )
            return pilot.id

        stage.props[key] = stage.act(nominate, "city")


def _review(stage: Stage) -> None:
    for key in PILOTS:
        stage.act(
            lambda ctx, key=key: deciding.review(
                ctx, stage.props[key], passed=True, note="方案目标清楚，基础较好；建议细化资金进度安排。"
            ),
            "province_industry",
        )
    stage.props["shortlist"] = stage.act(
        lambda ctx: deciding.publish_shortlist(ctx, stage.props["batch"]), "province_industry"
    )


def _approve(stage: Stage) -> None:
    notice = stage.props["shortlist"]
    stage.go_to(notice.ends_on + timedelta(days=1))
    stage.act(lambda ctx: publicity.clear(ctx, notice.id), "province_industry")
    for key, (*_, award) in PILOTS.items():
        stage.act(lambda ctx, key=key, award=award: deciding.approve(ctx, stage.props[key], award), "province_industry")
    for number, (key, name, pilot) in enumerate(
        (("pilot", "王秀英", "county_pilot"), ("zone_pilot_officer", "谢辉", "zone_pilot"))
    ):
        person(stage, key, name, f"1380000{200 + number:04d}")
        office = stage.props["county_office" if pilot == "county_pilot" else "zone_office"]
        seat(stage, key, Role.PILOT, pilot_id=stage.props[pilot], organisation_id=office)


def _tranche(stage: Stage) -> None:
    for number, (key, (*_, award)) in enumerate(PILOTS.items(), start=1):
        tranche = stage.act(
            lambda ctx, key=key, award=award: tranches.propose_tranche(ctx, stage.props[key], award // 2),
            "province_industry",
        )
        stage.act(
            lambda ctx, t=tranche, n=number: tranches.release_tranche(ctx, t.id, f"赣财建指〔演示〕{n}号"),
            "province_finance",
        )
        stage.go_to(stage.day(324 - number), 10)
        stage.act(
            lambda ctx, t=tranche, n=number: tranches.receive_tranche(
                ctx, t.id, received_on=ctx.today, bank_reference=f"DEMO-RCPT-{n:04d}"
            ),
            "finance",
        )


def _enterprises(stage: Stage) -> None:
    stage.props["enterprises"] = []
    for number, (name, industry, employees, revenue, _) in enumerate(ENTERPRISES, start=1):
        key = f"enterprise{number}"
        person(stage, key, f"{'陈林郭梁宋唐'[number % 6]}{'志明晓芳建军'[number % 5]}", f"1370000{number:04d}")
        made = register(
            stage, name, CapacityKind.ENTERPRISE, stage.props["county"], 100 + number,
            industry=industry, who=key, employees=employees, revenue_fen=revenue,
            represented_by=made_up_name(303) if number == SUSPECT else None,
        )  # fmt: skip
        stage.act(lambda ctx, made=made: organisations.confirm(ctx, made.id), "city")
        seat(stage, key, Role.ENTERPRISE, organisation_id=made.id)
        stage.props["enterprises"].append(made.id)


def _list(stage: Stage) -> None:
    for number, (organisation_id, entry) in enumerate(
        zip(stage.props["enterprises"], ENTERPRISES, strict=True), start=1
    ):
        key_link = entry[4]
        member = stage.act(
            lambda ctx, o=organisation_id, k=key_link, n=number: members.nominate(
                ctx,
                stage.props["county_pilot"],
                o,
                focus="现代家具",
                target_level="L7" if k else "L6",
                key_link=k,
                baseline_level="L4" if k else "L3",
                urgency=n,
                note="设备联网和生产管理需求迫切",
            ),
            "pilot",
        )
        if number < len(ENTERPRISES):
            stage.act(lambda ctx, m=member: members.confirm(ctx, m.id), "city")


def _papers(stage: Stage) -> None:
    """One of each that a person has to decide: a registration, a claimed code, a changed fact, a new account."""
    person(stage, "newcomer", "陆远", "13700000091")
    register(
        stage, "青禾县远景木艺有限公司", CapacityKind.ENTERPRISE, stage.props["county"], 250,
        industry="C21", who="newcomer", employees=42, revenue_fen=9_000_000_00,
    )  # fmt: skip
    place = len(ENTERPRISES) - 1
    firm, key = stage.props["enterprises"][place - 1], f"enterprise{place}"
    person(stage, "claimant", "夏雨", "13700000092")

    def claim(ctx: Context) -> None:
        known = registered.by_id(ctx, firm)
        organisations.register(
            ctx,
            uscc=known.uscc,
            name=known.name,
            capacity=CapacityKind.ENTERPRISE,
            region=known.region,
            legal_representative=made_up_name(252),
            phone="0799-6100190",
            industry="C20",
        )

    stage.act(claim, "claimant")
    stage.act(lambda ctx: facts.change(ctx, firm, FactKind.LEGAL_REPRESENTATIVE, made_up_name(251)), key)
    stage.act(
        lambda ctx: bank.propose_account(
            ctx,
            firm,
            holder_name=registered.by_id(ctx, firm).name,
            bank_name="云溪农村商业银行青禾支行",
            number="62220880000190",
            bank_code="402429900017",
        ),
        key,
    )
