"""R11. Every place that rounds money, against fractions: sums hold to the fen, and the order of lines changes nothing."""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import partial
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, given, seed, settings

from marketplace.base import money
from marketplace.base.errors import Invalid
from marketplace.policy.books.keys import Bps, Clause, Fen
from marketplace.policy.books.subsidy import Instalment, Rate, Subsidy
from marketplace.policy.engine.project import Expense, Project
from marketplace.policy.engine.subsidy import evaluate
from marketplace.shop.catalogue.states import CostType
from marketplace.shop.orders.rules import LineInput, check_lines
from tests.policy.oracle_subsidy import DAY, SAID, Case, cases, plainly
from tests.proof.parts import Counts, Figure, Part, Piece, count, none, some, together
from tests.support.postgres import Cluster
from vouchers.claims import rules
from vouchers.claims.states import CutCode

Faults = Iterator[str]
MODES = ("down", "up", "half_up", "half_even")


def _amount(dice: random.Random) -> int:
    return dice.choice((0, 1, 2, 99, 100, dice.randint(0, 1000), dice.randint(0, 10**9), dice.randint(0, 10**15)))


def _within(parts: Sequence[int], total: int, weights: Sequence[int]) -> Faults:
    """What must hold of every amount that was split."""
    if sum(parts) != total:
        yield f"the parts are {sum(parts)}, not {total}"
    for part, weight in zip(parts, weights, strict=True):
        if abs(part - Fraction(total * weight, sum(weights))) >= 1:
            yield f"{part} is a fen or more from its share of {total}"
        if not weight and part:
            yield f"{part} on a line that weighs nothing"


def _extra(parts: Sequence[int], total: int, weights: Sequence[int]) -> Counter[tuple[Fraction, int]]:
    """Which fractions got the fen that was left over: what may not hang on the order of lines."""
    exact = [Fraction(total * weight, sum(weights)) for weight in weights]
    return Counter((share % 1, part - int(share)) for share, part in zip(exact, parts, strict=True))


def _spread(dice: random.Random) -> Faults:
    """An amount over lines: what an issue takes from buckets, a cut from parts, a subsidy gives to costs."""
    weights = [dice.choice((0, 1, 1, 3, dice.randint(1, 100), _amount(dice))) for _ in range(dice.randint(1, 12))]
    if not any(weights):
        weights[0] = 1
    total = _amount(dice)
    parts = money.spread(total, weights)
    yield from _within(parts, total, weights)
    order = dice.sample(range(len(weights)), len(weights))
    mixed = [weights[i] for i in order]
    again = money.spread(total, mixed)
    if _extra(again, total, mixed) != _extra(parts, total, weights):
        yield f"{total} over {weights} hangs on their order"
    fractions = [Fraction(total * weight, sum(weights)) % 1 for weight in weights]
    if len(set(fractions)) == len(fractions) and again != [parts[i] for i in order]:
        yield f"{total} over {weights}: a line got another amount in another order"


def _claim(dice: random.Random) -> Faults:
    """A claim over contract lines and redeemed parts, and cuts of it."""
    asked = {dice.randint(1, 10**6): dice.randint(1, 10**7) for _ in range(dice.randint(1, 6))}
    total = sum(asked.values())
    lines = [(dice.randint(1, 10**8), dice.random() < 0.7) for _ in range(dice.randint(1, 5))]
    weights = [basis if eligible else 0 for basis, eligible in lines]
    shares = rules.apportion(total, lines)
    yield from _within(shares, total, weights if any(weights) else [basis for basis, _ in lines])
    cuts = [
        rules.Cut(number, dice.randint(1, share), dice.choice(list(CutCode)), "why")
        for number, share in enumerate(shares, 1)
        if share and dice.random() < 0.6
    ]
    rules.check_cuts(cuts, shares)
    kept = rules.after_cuts(asked, cuts)
    left = {part: Fraction(amount) for part, amount in asked.items()}
    taken = Counter[int]()
    for part, (approved, reasons) in kept.items():
        own = sum(reason["amount"] for reason in reasons)
        if approved < 0 or approved + own != asked[part]:
            yield f"a part of {asked[part]} keeps {approved} after cuts of {own}"
        for reason in reasons:
            taken[reason["line"]] += reason["amount"]
        if abs(approved - left[part] * (total - sum(cut.amount_fen for cut in cuts)) / total) >= len(cuts) + 1:
            yield f"a part of {asked[part]} keeps {approved}: more than a fen a cut from its share"
    if taken != Counter({cut.line: cut.amount_fen for cut in cuts}):
        yield f"cuts of {cuts} became {taken}"
    shuffled = dict(dice.sample(list(asked.items()), len(asked)))
    if rules.after_cuts(shuffled, cuts) != kept:
        yield "cuts hang on the order of the parts"


def _contract(dice: random.Random) -> Faults:
    """Lines of a contract as typed: quantity times price, each rounded once, half up."""

    def line() -> tuple[LineInput, int]:
        quantity = Decimal(dice.randint(1, 10 ** dice.randint(1, 5))).scaleb(-dice.randint(0, 4))
        price = Decimal(dice.randint(1, 10 ** dice.randint(2, 9))).scaleb(-dice.randint(0, 4))
        fen = plainly(Fraction(quantity) * Fraction(price) * 100, "half_up")
        return LineInput("x", CostType.SOFTWARE, quantity, price, fen, 0), fen

    made = [one for one in (line() for _ in range(dice.randint(1, 8))) if one[1]]
    if not made:
        return
    lines, total = [one for one, _ in made], sum(fen for _, fen in made)
    for order in (lines, dice.sample(lines, len(lines))):
        if check_lines(order, {CostType.SOFTWARE: total}) != total:
            yield f"{lines} are not {total}"
    wrong = dice.randrange(len(lines))
    was = lines[wrong]
    lines[wrong] = LineInput(was.name, was.cost_type, was.quantity, was.unit_price, was.gross_fen + 1, 0)
    try:
        check_lines(lines, {CostType.SOFTWARE: total + 1})
    except Invalid:
        return
    yield f"a fen too much on {was} was taken"


def _units(dice: random.Random) -> Faults:
    """A subsidy in whole units and in instalments: rounded once, however it is computed."""
    spent = [dice.randint(0, 10 ** dice.randint(1, 9)) for _ in range(dice.randint(1, 6))]
    bps, unit, mode = dice.randint(1, 10_000), dice.choice((1, 2, 5, 10, 50, 100, 1000, 10**6)), dice.choice(MODES)
    cuts = sorted(dice.sample(range(1, 10_000), dice.randint(0, 3)))
    shares = [end - start for start, end in zip([0, *cuts], [*cuts, 10_000], strict=True)]
    book = Subsidy(
        clause=Clause("一"), rounding=mode, round_to=Fen(unit), unlisted="full",
        rates={"x": Rate(code="x", **SAID, bps=Bps(bps))},
        instalments={
            str(n): Instalment(code=str(n), **SAID, share_bps=Bps(share), waits="nothing")
            for n, share in enumerate(shares)
        },
    )  # fmt: skip

    def ask(costs: Sequence[int]) -> tuple[int | None, tuple[int, ...], list[int]]:
        expenses = tuple(Expense(type="software", net_fen=fen, gross_fen=fen) for fen in costs)
        found = evaluate(book, Project(enterprise="E", claim="C", day=DAY, expenses=expenses))
        return found.amount_fen, found.by_expense, [part.amount_fen for part in found.parts]

    amount, by_expense, instalments = ask(spent)
    wanted = plainly(Fraction(sum(spent) * bps, 10_000 * unit), mode) * unit
    if amount != wanted:
        yield f"{bps} of {sum(spent)} in units of {unit}, {mode}: {amount}, not {wanted}"
    if sum(by_expense) != wanted or min(by_expense) < 0:
        yield f"{by_expense} are not {wanted}"
    yield from _within(instalments, wanted, shares)
    if ask(dice.sample(spent, len(spent)))[0] != amount:
        yield f"{spent} hang on their order"


PLACES: dict[str, Callable[[random.Random], Faults]] = {
    "amounts spread over lines": _spread,
    "claims over lines and parts, and cuts of them": _claim,
    "contract lines, quantity times price": _contract,
    "subsidies in units and instalments": _units,
}
BOOKS = "whole subsidies of random books"


def _drawn(place: Callable[[random.Random], Faults], cases_: int, number: int) -> Counts:
    dice = random.Random(number)
    return _told(fault for _ in range(cases_) for fault in place(dice))


def _books(cases_: int, number: int) -> Counts:
    """The whole engine against the plain reading, and against itself with the costs in another order."""
    faults: list[str] = []

    @seed(number)
    @settings(
        max_examples=cases_, phases=[Phase.generate], database=None, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(cases)
    def run(case: Case) -> None:
        book, wanted = case.rules(), case.plain()
        found = evaluate(book, case.project())
        if found.status != ("refused" if wanted is None else "granted"):
            faults.append(f"{case}: {found.status}")
        elif wanted is not None and case.spent and found.amount_fen != wanted:
            faults.append(f"{case}: {found.amount_fen}, not {wanted}")
        if sum(found.by_expense) != found.reached_fen or min(found.by_expense, default=0) < 0:
            faults.append(f"{case}: {found.by_expense} are not {found.reached_fen}")
        case.spent.reverse()
        if evaluate(book, case.project()).amount_fen != found.amount_fen:
            faults.append(f"{case} hangs on the order of costs")

    run()
    return _told(faults)


def _told(faults: Iterator[str] | Sequence[str]) -> Counts:
    found = list(faults)
    for fault in found[:10]:
        print(f"  {fault}", file=sys.stderr)
    return {"violations": len(found)}


def _all(cases_: int, books: int, number: int) -> Counts:
    made: list[Counts] = []
    for name, place in PLACES.items():
        made.append({"cases": cases_, f"cases: {name}": cases_, **_drawn(place, cases_, number)})
    made.append({"cases": books, f"cases: {BOOKS}": books, **_books(books, number)})
    return together(made)


def _naive(total: int, weights: Sequence[int]) -> list[int]:
    """What everybody writes first: each part rounded by itself."""
    return [round(Fraction(total * weight, sum(weights))) for weight in weights]


def _unfair(total: int, weights: Sequence[int]) -> list[int]:
    """The sum is right, but the last line bears all that is left."""
    parts = [total * weight // sum(weights) for weight in weights]
    parts[-1] += total - sum(parts)
    return parts


def _control() -> Counts:
    """Each wrong way of rounding must be found."""
    caught = 0
    for wrong in (_naive, _unfair):
        with patch.object(money, "spread", wrong), patch.object(rules, "spread", wrong):
            dice = random.Random(1)
            caught += any(True for _ in range(200) for _fault in _spread(dice))
            caught += any(True for _ in range(200) for _fault in _claim(dice))
    return {"controls": 4, "controls found": caught}


def _piece(cases_: int, books: int, number: int) -> Counts:
    return together([_all(cases_, books, number), _control()])


def _short(_server: Cluster) -> Counts:
    return _piece(800, 300, 1)


def _figures(counts: Counts) -> list[Figure]:
    found, controls = counts.get("controls found", 0), counts.get("controls", 0)
    return [
        some(counts, "cases", "random cases"),
        *(Figure(f"of them {name}", count(counts, f"cases: {name}")) for name in (*PLACES, BOOKS)),
        none(counts, "violations", "in which a sum, a share or the order of lines was not as the fractions say"),
        Figure("controls: wrong ways of rounding put in, found / tried", f"{found:,.0f} / {controls:,.0f}", "all",
               bool(found == controls > 0)),
    ]  # fmt: skip


PART = Part(
    code="rounding",
    title="R11. Rounding",
    method=(
        "Random prices, quantities, rates, caps, units, lines, parts and cuts go through every place that rounds money."
        " Beside it the same is computed with fractions. Parts must add up to the whole, each must be less than a fen"
        " from its exact share, a result must be rounded once and as its rule says, and no order of the lines may"
        " change an amount (equal fractions may change places)."
    ),
    pieces=[Piece(f"{number + 1}", partial(_piece, 100_000, 15_000, number)) for number in range(3)],
    short=_short,
    figures=_figures,
)
