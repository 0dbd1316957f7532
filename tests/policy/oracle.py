"""A second reading of the rules, written apart from the product: slow, plain, with fractions. It imports none of it.

A row is a dict with the keys of the sheet; amounts are integer fen, dates are dates, a level is a number from 1 to 10.
"""

from __future__ import annotations

import unicodedata
from datetime import date
from fractions import Fraction
from math import ceil, floor

CATEGORIES = {
    "zone": {
        "renovation": "企业数字化改造",
        "platform": "平台建设",
        "saas": "SaaS应用",
        "network": "园区网络",
        "training": "培训诊断",
    },
    "county": {"renovation": "企业数字化改造", "platform": "平台建设", "services": "综合服务", "saas": "SaaS应用"},
}
PROHIBITED = {
    "welfare": "人员福利",
    "office": "公用经费",
    "operating": "机构运转经费",
    "construction": "楼堂馆所",
    "balancing": "平衡预算",
}
FLOOR = {"zone": Fraction(70, 100), "county": Fraction(80, 100)}
CAP = {
    "national_zone": 1000,
    "provincial_zone": 800,
    "county_1": 1000,
    "county_2": 1000,
    "county_3": 800,
}
MINIMUM = {"national_zone": 40, "provincial_zone": 40, "county_1": 40, "county_2": 40, "county_3": 30}
YEAR1, YEAR2 = date(2024, 10, 31), date(2025, 10, 31)
EMPTY_SUPPORT = {"", "无", "否", "没有", "none", "no", "-", "/", "市级配套", "县级配套", "企业自筹"}
FAILS = {
    "category.unknown", "category.not_for_pilot_type", "use.prohibited", "support.double", "party.same",
    "invoice.duplicate", "date.outside_period", "level.below_target",
}  # fmt: skip


def norm(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def standing(kind: str, text: str) -> tuple[str, str]:
    """The category a text stands for, and whether it is own, foreign, prohibited or unknown."""
    wanted = norm(text)
    other = "county" if kind == "zone" else "zone"
    for table, word in ((CATEGORIES[kind], "own"), (CATEGORIES[other], "foreign"), (PROHIBITED, "prohibited")):
        for code, name in table.items():
            if wanted in (norm(code), norm(name)):
                return code, word
    return "unknown", "unknown"


def sums(pilot: dict, rows: list[dict]) -> dict[str, tuple[int, int]]:
    """Category -> arranged, paid."""
    result: dict[str, tuple[int, int]] = {}
    codes = {standing(pilot["type"], row["category"])[0] for row in rows}
    for code in codes:
        mine = [row for row in rows if standing(pilot["type"], row["category"])[0] == code]
        arranged = paid = 0
        for contract in {norm(row["contract"]) for row in mine}:
            of = {kind: 0 for kind in ("committed", "released", "paid", "refund")}
            for row in mine:
                if norm(row["contract"]) == contract:
                    of[row["kind"]] += row["amount"]
            paid += of["paid"] - of["refund"]
            if contract:
                arranged += max(of["committed"] - of["released"], of["paid"] - of["refund"])
            else:
                arranged += of["committed"] + of["paid"] - of["released"]
        result[code] = (arranged, paid)
    return result


def enterprises(pilot: dict, rows: list[dict]) -> dict[str, dict]:
    """Selected enterprise -> key link, deciding row or None."""
    found: dict[str, dict] = {}
    for name in {norm(row["enterprise"]) for row in rows if norm(row["enterprise"])}:
        mine = [row for row in rows if norm(row["enterprise"]) == name]
        renovation = [row for row in mine if standing(pilot["type"], row["category"]) == ("renovation", "own")]
        if not renovation:
            continue
        accepted = [row for row in renovation if row["accepted"] and row["accepted"] <= pilot["as_of"]]
        deciding = None
        if accepted:
            latest = max(row["accepted"] for row in accepted)
            accepted = [row for row in accepted if row["accepted"] == latest]
            recorded = [row for row in accepted if row["level"] is not None]
            lowest = min((row["level"] for row in recorded), default=None)
            deciding = next(row for row in accepted if row["level"] == lowest)
        found[name] = {"key_link": any(row["key_link"] for row in mine), "row": deciding}
    return found


def checks(pilot: dict, rows: list[dict]) -> list[tuple]:
    """(code, base, amount, limit, actual, limit share, actual share, status) in order; amounts in fen."""
    by = sums(pilot, rows)
    arranged, paid = sum(a for a, _ in by.values()), sum(p for _, p in by.values())
    own = CATEGORIES[pilot["type"]]
    renovation = by.get("renovation", (0, 0))
    other = [by[code] for code in by if code in own and code != "renovation"]
    other_arranged, other_paid = sum(a for a, _ in other), sum(p for _, p in other)
    award, received, as_of = pilot["award"], pilot["received"], pilot["as_of"]
    over = as_of > YEAR2
    cap = CAP[pilot["class"]] * 10_000 * 100
    tranche = award if as_of > YEAR1 else floor(Fraction(award, 2))
    plain = [
        ("award.cap", cap, award),
        ("received.tranche", tranche, received),
        ("committed.total", award, arranged),
        ("paid.total", received, paid),
    ]
    answer = [
        (code, None, None, limit, actual, None, None, "pass" if actual <= limit else "fail")
        for code, limit, actual in plain
    ]
    least = FLOOR[pilot["type"]]
    bases = [
        ("award", award, renovation[0], arranged),
        ("received", received, renovation[1], paid),
        ("committed", arranged, renovation[0], arranged),
        ("paid", paid, renovation[1], paid),
    ]
    for base, amount, actual, everything in bases:
        if amount <= 0:
            status = "open"
        elif Fraction(actual, amount) >= least:
            status = "pass"
        else:
            possible = Fraction(amount - (everything - actual), amount) >= least and not over
            if base in ("award", "received") and possible:
                status = "open"
            else:
                status = "fail" if base == "award" else "warn"
        limit = ceil(least * amount) if amount > 0 else 0
        answer.append(("share.renovation.floor", base, amount, limit, actual, least, ratio(actual, amount), status))
    most = 1 - least
    for (base, amount, _, _), actual in zip(
        bases, (other_arranged, other_paid, other_arranged, other_paid), strict=True
    ):
        if amount <= 0:
            status = "open"
        elif Fraction(actual, amount) <= most:
            status = "pass"
        else:
            status = "fail" if base == "award" else "warn"
        limit = floor(most * amount) if amount > 0 else 0
        answer.append(("share.other.ceiling", base, amount, limit, actual, most, ratio(actual, amount), status))
    return answer + targets(pilot, enterprises(pilot, rows), over)


def ratio(actual: int, amount: int) -> Fraction | None:
    if amount <= 0:
        return None
    return Fraction(int(Fraction(actual * 10_000, amount)), 10_000)


def targets(pilot: dict, found: dict[str, dict], over: bool) -> list[tuple]:
    late = "fail" if over else "open"
    selected = len(found)
    key_links = sum(entry["key_link"] for entry in found.values())
    renovated = [entry for entry in found.values() if entry["row"]]
    minimum = MINIMUM[pilot["class"]]
    good = low = 0
    for entry in renovated:
        reached = entry["row"]["level"]
        if reached is not None:
            good += reached >= (7 if entry["key_link"] else 6)
            low += reached < (7 if entry["key_link"] else 6)
    needed = ceil(Fraction(selected, 10))
    share = Fraction(key_links * 10_000 // selected, 10_000) if selected else None
    levels = "fail" if low else "pass" if renovated and good == len(renovated) else late
    return [
        ("targets.enterprises", None, None, minimum, len(renovated), None, None,
         "pass" if len(renovated) >= minimum else late),
        ("targets.key_link_share", None, None, needed, key_links, Fraction(1, 10), share,
         "pass" if selected and key_links >= needed else late),
        ("targets.levels", None, None, len(renovated), good, None, None, levels),
    ]  # fmt: skip


def findings(pilot: dict, rows: list[dict]) -> list[tuple[int, str]]:
    """(row, code), in order of row, then code; one code once per row, but uscc.invalid once per cell."""
    found: list[tuple[int, str]] = []
    for place, row in enumerate(rows):
        found += [(row["row"], code) for code in of_row(pilot, rows, place)]
    for name, kind, code in (("paid", "refund", "refund.exceeds_paid"),
                             ("committed", "released", "release.exceeds_committed")):  # fmt: skip
        found += exceeding(pilot, rows, name, kind, code)
    for entry in enterprises(pilot, rows).values():
        row = entry["row"]
        if row and row["level"] is not None and row["level"] < (7 if entry["key_link"] else 6):
            found.append((row["row"], "level.below_target"))
    return sorted(found)


def exceeding(pilot: dict, rows: list[dict], name: str, kind: str, code: str) -> list[tuple[int, str]]:
    found = []
    groups = {(standing(pilot["type"], row["category"])[0], norm(row["contract"])) for row in rows}
    for category, contract in groups:
        mine = [
            row for row in rows
            if standing(pilot["type"], row["category"])[0] == category and norm(row["contract"]) == contract
        ]  # fmt: skip
        limit = sum(row["amount"] for row in mine if row["kind"] == name)
        running = 0
        for row in mine:
            if row["kind"] == kind:
                running += row["amount"]
                if running > limit:
                    found.append((row["row"], code))
                    break
    return found


def of_row(pilot: dict, rows: list[dict], place: int) -> list[str]:
    row, earlier = rows[place], rows[:place]
    start, end, as_of = pilot["approved_on"], YEAR2, pilot["as_of"]
    category, word = standing(pilot["type"], row["category"])
    renovation = (category, word) == ("renovation", "own")
    enterprise, provider, contract = norm(row["enterprise"]), norm(row["provider"]), norm(row["contract"])
    codes = {"foreign": ["category.not_for_pilot_type"], "prohibited": ["use.prohibited"]}.get(word, [])
    codes = codes + (["category.unknown"] if word == "unknown" else [])
    if norm(row["other_support"]) not in EMPTY_SUPPORT:
        codes.append("support.double")
    if enterprise and enterprise == provider:
        codes.append("party.same")
    codes += ["uscc.invalid" for cell in (enterprise, provider) if cell and not uscc(cell)]
    if renovation and not enterprise:
        codes.append("enterprise.missing")
    if any(not (number.isdigit() and len(number) in (8, 20)) for number in row["invoices"]):
        codes.append("invoice.malformed")
    if row["day"] > as_of or (row["accepted"] and row["accepted"] > as_of):
        codes.append("date.after_as_of")
    commitments = [other for other in rows if other["kind"] == "committed"]
    if row["kind"] in ("committed", "paid") and not start <= row["day"] <= end:
        inside = [other for other in commitments if contract and norm(other["contract"]) == contract
                  and start <= other["day"] <= end]  # fmt: skip
        late = row["kind"] == "paid" and row["day"] > end and inside
        codes.append("paid.after_period" if late else "date.outside_period")
    if row["kind"] == "paid":
        named = [other for other in commitments if contract and norm(other["contract"]) == contract]
        if commitments and not named:
            codes.append("paid.without_commitment")
        done = [other for other in rows if other["accepted"] and other["accepted"] <= min(row["day"], as_of)
                and (norm(other["enterprise"]), norm(other["contract"])) == (enterprise, contract)]  # fmt: skip
        if renovation and not done:
            codes.append("paid.before_acceptance")
    return codes + repetitions(pilot, row, earlier)


def repetitions(pilot: dict, row: dict, earlier: list[dict]) -> list[str]:
    codes = []
    doubled = any(known(pilot, row) == known(pilot, other) for other in earlier)
    invoiced = row["kind"] == "paid" and row["invoices"]
    if doubled and not invoiced:
        codes.append("row.repeated")
    if (doubled and invoiced) or any(contradicts(row, other) for other in earlier):
        codes.append("invoice.duplicate")
    return codes


def known(pilot: dict, row: dict) -> tuple:
    category, word = standing(pilot["type"], row["category"])
    texts = [norm(row[key]) for key in ("enterprise", "provider", "contract", "other_support")]
    category = norm(row["category"]) if word == "unknown" else category
    rest = [row[key] for key in ("day", "kind", "amount", "key_link", "level", "accepted")]
    return (category, *texts, *rest, tuple(row["invoices"]), row.get("total"))


def contradicts(row: dict, other: dict) -> bool:
    """Whether one number stands on both rows under two contracts, providers or enterprises."""
    pairs = {key: (norm(row[key]), norm(other[key])) for key in ("contract", "provider", "enterprise")}
    for number in set(row["invoices"]) & set(other["invoices"]):
        mine, theirs = pairs["provider"]
        if len(number) == 8 and number.isdigit() and (not mine or mine != theirs):
            continue
        if any(one and two and one != two for one, two in pairs.values()):
            return True
    return False


def uscc(code: str) -> bool:
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    code = code.upper()
    if len(code) != 18 or set(code) - set(alphabet):
        return False
    total = sum(alphabet.index(letter) * pow(3, place, 31) for place, letter in enumerate(code[:17]))
    return (total + alphabet.index(code[17])) % 31 == 0


def verdict(pilot: dict, rows: list[dict]) -> str:
    said = {entry[-1] for entry in checks(pilot, rows)}
    said |= {"fail" if code in FAILS else "warn" for _, code in findings(pilot, rows)}
    return "fail" if "fail" in said else "warn" if "warn" in said else "pass"
