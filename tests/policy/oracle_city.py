"""A second reading of the national notice and of Nanchang's rules: plain numbers, plain loops, nothing of the product.

Amounts are integer fen. A row is a dict with kind, category, amount, enterprise, contract, total and level.
"""

from __future__ import annotations

from fractions import Fraction

WAN = 10_000 * 100
AWARD = {"capital": 15_000 * WAN, "other": 10_000 * WAN}
LEAST = Fraction(80, 100)
NATIONAL = {"renovation", "capability", "platform", "chain", "services"}
CITY = NATIONAL | {"model", "products"}
HELP = {"1": (60, 40 * WAN), "2": (50, 35 * WAN), "3": (40, 25 * WAN)}
WANTED = 2


def arranged(rows: list[dict], wanted: set[str]) -> int:
    """Per category and contract the larger of what is committed and what is paid."""
    total = 0
    for place in sorted({(row["category"], row["contract"]) for row in rows if row["category"] in wanted}):
        mine = [row for row in rows if (row["category"], row["contract"]) == place]
        committed = sum(row["amount"] for row in mine if row["kind"] == "committed")
        paid = sum(row["amount"] for row in mine if row["kind"] == "paid")
        total += max(committed, paid)
    return total


def money(klass: str, award: int, rows: list[dict], categories: set[str], *, over: bool) -> dict[str, str]:
    """Award, total and split against the award, by code of the check."""
    known = {row["category"] for row in rows}
    everything, renovation = arranged(rows, known), arranged(rows, {"renovation"})
    other = arranged(rows, categories - {"renovation"})
    if award <= 0:
        floor = ceiling = "open"
    else:
        floor = "pass" if Fraction(renovation, award) >= LEAST else "fail"
        if floor == "fail" and not over and Fraction(award - (everything - renovation), award) >= LEAST:
            floor = "open"
        ceiling = "pass" if Fraction(other, award) <= 1 - LEAST else "fail"
    return {
        "award.cap": "pass" if award <= AWARD[klass] else "fail",
        "committed.total": "pass" if everything <= award else "fail",
        "share.renovation.floor": floor,
        "share.other.ceiling": ceiling,
    }


def help_broken(batch: str, rows: list[dict]) -> set[tuple[str, str]]:
    """(enterprise, code) for every enterprise that gets more than its batch allows."""
    percent, most = HELP[batch]
    found = set()
    for name in {row["enterprise"] for row in rows if row["enterprise"]}:
        mine = [row for row in rows if row["enterprise"] == name]
        gets = arranged(mine, {row["category"] for row in mine})
        spent = 0
        for contract in {row["contract"] for row in mine}:
            spent += max(row["total"] or 0 for row in mine if row["contract"] == contract)
        if gets > Fraction(percent * spent, 100):
            found.add((name, "enterprise.rate"))
        if gets > most:
            found.add((name, "enterprise.cap"))
    return found


def level(renovated: list[int | None], *, over: bool) -> str:
    """Whether every renovated enterprise is at the second of four steps or higher."""
    if any(step is not None and step < WANTED for step in renovated):
        return "fail"
    if renovated and None not in renovated:
        return "pass"
    return "fail" if over else "open"
