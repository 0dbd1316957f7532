"""Enterprises of the made-up city: they register, and one pilot lists them."""

from __future__ import annotations

from marketplace.base.context import Context
from marketplace.base.roles import Role
from marketplace.base.stage import Scene, Stage
from marketplace.people.accounts.scenes import made_up_name, person, register, seat
from marketplace.people.organisations import actions as organisations
from marketplace.people.organisations import bank, facts
from marketplace.people.organisations import queries as registered
from marketplace.people.organisations.states import CapacityKind, FactKind
from marketplace.pilots.members import actions as members

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
        Scene("enterprises register and are confirmed", 262, _enterprises),
        Scene("the renovation list", 256, _list),
        Scene("papers wait on the officers' desks", 1, _papers, hour=15),
    ]


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
