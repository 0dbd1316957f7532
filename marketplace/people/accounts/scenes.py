"""The made-up city and the people who work in it. Every name, number and code here is invented."""

from __future__ import annotations

from marketplace.base.actor import Actor
from marketplace.base.context import Context
from marketplace.base.roles import Role
from marketplace.base.stage import Scene, Stage
from marketplace.people.accounts import actions as accounts
from marketplace.people.accounts import resets
from marketplace.people.organisations import actions as organisations
from marketplace.people.organisations.models import Organisation
from marketplace.people.organisations.states import CapacityKind
from marketplace.people.regions import actions as regions
from marketplace.people.regions.models import Region
from marketplace.people.regions.states import RegionKind, ZoneLevel

PROVINCE, CITY, DISTRICT, COUNTY, BRIDGE, RIDGE = "360000", "369900", "369902", "369921", "369922", "369923"
PLACES = (
    (CITY, "云溪市", "Yunxi", RegionKind.CITY, PROVINCE),
    (DISTRICT, "白鹭区", "Bailu District", RegionKind.COUNTY, CITY),
    (COUNTY, "青禾县", "Qinghe County", RegionKind.COUNTY, CITY),
    (BRIDGE, "石桥县", "Shiqiao County", RegionKind.COUNTY, CITY),
    (RIDGE, "云岭县", "Yunling County", RegionKind.COUNTY, CITY),
)
CLASSES = {CITY: "1", COUNTY: "1", DISTRICT: "2", BRIDGE: "2", RIDGE: "3"}
ZONES = {
    "zone": ("云溪高新技术产业园区", "Yunxi High-tech Zone", ZoneLevel.PROVINCIAL),
    "park": ("云溪经济技术开发区", "Yunxi Economic Development Zone", ZoneLevel.NATIONAL),
}
BUREAUS = {
    "industry_department": ("省工业和信息化厅（演示）", PROVINCE, CapacityKind.BUREAU),
    "finance_department": ("省财政厅（演示）", PROVINCE, CapacityKind.BUREAU),
    "city_bureau": ("云溪市工业和信息化局", CITY, CapacityKind.BUREAU),
    "city_finance": ("云溪市财政局", CITY, CapacityKind.BUREAU),
    "audit_office": ("云溪市审计局", CITY, CapacityKind.BUREAU),
    "county_office": ("青禾县数字化转型试点办公室", COUNTY, CapacityKind.PILOT_OFFICE),
    "zone_office": ("云溪高新技术产业园区管委会", "zone", CapacityKind.PILOT_OFFICE),
    "bridge_office": ("石桥县数字化转型试点办公室", BRIDGE, CapacityKind.PILOT_OFFICE),
    "park_office": ("云溪经济技术开发区管委会", "park", CapacityKind.PILOT_OFFICE),
    "ridge_office": ("云岭县数字化转型试点办公室", RIDGE, CapacityKind.PILOT_OFFICE),
    "district_office": ("白鹭区数字化转型试点办公室", DISTRICT, CapacityKind.PILOT_OFFICE),
}
OFFICERS = (
    ("province_industry", "钟毅", Role.PROVINCE, "industry_department", PROVINCE),
    ("province_finance", "罗静", Role.PROVINCE, "finance_department", PROVINCE),
    ("city", "李明", Role.CITY, "city_bureau", CITY),
    ("city2", "黄莉", Role.CITY, "city_bureau", CITY),
    ("finance", "周岚", Role.FINANCE, "city_finance", CITY),
    ("finance2", "吴越", Role.FINANCE, "city_finance", CITY),
    ("auditor", "孙正", Role.AUDITOR, "audit_office", CITY),
    ("admin", "何安", Role.ADMIN, None, None),
)


def scenes() -> list[Scene]:
    return [
        Scene("the place and its offices", 362, _places),
        Scene("the officers", 362, _officers, hour=11),
        Scene("a password is forgotten", 5, _forgotten),
    ]


def _places(stage: Stage) -> None:
    def make(ctx: Context) -> dict[str, str]:
        for code, name, name_en, kind, parent in PLACES:
            ctx.session.add(Region(code=code, name=name, name_en=name_en, kind=kind, parent=parent))
            ctx.session.flush()
        for code, value in CLASSES.items():
            regions.classify(ctx, code, ctx.today.year - 1, value, "县（市、区）类别表（演示）")
        return {key: regions.add_zone(ctx, CITY, *named).code for key, named in ZONES.items()}

    zones = stage.act(make)
    stage.props |= {"province": PROVINCE, "city": CITY, "county": COUNTY, "district": DISTRICT}
    stage.props |= {"bridge": BRIDGE, "ridge": RIDGE, **zones}
    for number, (key, (name, region, capacity)) in enumerate(BUREAUS.items()):
        stage.props[key] = register(stage, name, capacity, zones.get(region, region), number, industry="S92").id


def register(
    stage: Stage,
    name: str,
    capacity: CapacityKind,
    region: str,
    number: int,
    *,
    industry: str,
    who: str | None = None,
    employees: int = 60,
    revenue_fen: int = 5_000_000_00,
    represented_by: str | None = None,
) -> Organisation:
    """Register an organisation under a made-up code; `number` tells the made-up ones apart."""
    kind = "11" if capacity in (CapacityKind.BUREAU, CapacityKind.PILOT_OFFICE) else "91"
    uscc = made_up_code(kind + "369900" + f"{70_000_000 + number * 7_919:08d}")
    result = stage.act(
        lambda ctx: organisations.register(
            ctx,
            uscc=uscc,
            name=name,
            capacity=capacity,
            region=region,
            legal_representative=represented_by or made_up_name(number),
            phone=f"0799-{6_100_000 + number * 37}",
            industry=industry,
            employees=employees,
            revenue_fen=revenue_fen,
            address=f"云溪市工业大道 {100 + number} 号",
        ),
        who,
    )
    assert isinstance(result, Organisation)  # nobody else claims a made-up code
    return result


def made_up_name(number: int) -> str:
    """A made-up name; no two of the first 240 are the same, or the platform would suspect a relation."""
    return SURNAMES[number % len(SURNAMES)] + GIVEN[(number % len(SURNAMES) + number // len(SURNAMES)) % len(GIVEN)]


SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何"
GIVEN = ("建国", "晓东", "文华", "志强", "海燕", "国平", "丽娟", "永康", "春梅", "立新", "思远", "佳怡")
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def made_up_code(sixteen: str) -> str:
    """A credit code from its first 16 characters: both check characters computed (GB 11714, GB 32100-2015)."""
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(sixteen[8:], weights, strict=True)) % 11
    seventeen = sixteen + {10: "X", 11: "0"}.get(rest, str(rest))
    total = sum(_ALPHABET.index(c) * pow(3, place, 31) for place, c in enumerate(seventeen))
    return seventeen + _ALPHABET[(31 - total % 31) % 31]


def person(stage: Stage, key: str, name: str, phone: str, email: str | None = None) -> Actor:
    """Make a person who can sign in with the demo's password; acts for nobody yet."""
    made = stage.act(lambda ctx: accounts.create_person(ctx, name, phone, email, stage.props["password"]))
    actor = Actor(made.id, None, None, name=name)
    stage.cast[key] = actor
    stage.props.setdefault("phones", {})[key] = phone
    return actor


def seat(stage: Stage, key: str, role: Role, **place: object) -> Actor:
    """Give a member of the cast a role, and let it act under it from now on."""
    who = stage.cast[key]
    held = stage.act(lambda ctx: accounts.grant(ctx, who.person_id, role, **place))  # type: ignore[arg-type]
    named = stage.act(
        lambda ctx: ctx.session.get(Organisation, held.organisation_id).name if held.organisation_id else ""
    )
    stage.cast[key] = Actor(
        who.person_id, held.id, role, held.organisation_id, held.pilot_id, held.region, who.name, named
    )
    return stage.cast[key]


def _officers(stage: Stage) -> None:
    for number, (key, name, role, office, region) in enumerate(OFFICERS):
        person(stage, key, name, f"1380000{100 + number:04d}")
        seat(stage, key, role, organisation_id=stage.props[office] if office else None, region=region)


def _forgotten(stage: Stage) -> None:
    """An officer asks for a link, which the outbox sends, and then remembers."""
    phone = stage.props["phones"]["city"]
    stage.act(lambda ctx: resets.ask(ctx, phone, "198.51.100.7"))
