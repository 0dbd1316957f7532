"""From what counts to what is paid: rates, bonuses, caps, rounding, instalments."""

from __future__ import annotations

from marketplace.base import money
from marketplace.policy.books.subsidy import Bonus, Cap, Rate
from marketplace.policy.engine.project import Line, Part
from marketplace.policy.engine.subsidy_run import Run, Words, rounded
from marketplace.policy.engine.verdict import WHOLE, percent


def rates(run: Run) -> None:
    """What is paid on the costs that count; each rate pays its own types of cost and is rounded once."""
    named = {kind for rule in run.rules.rates.values() for kind in rule.cost_types}
    paying = [0] * len(run.counting)
    before = run.now
    for rule in run.spoken("rate", run.rules.rates):
        places = [
            place
            for place, expense in enumerate(run.project.expenses)
            if (expense.type in rule.cost_types if rule.cost_types else expense.type not in named)
        ]
        base = sum(run.counting[place] for place in places)
        found = _rated(run, rule, base)
        if found is None:
            continue
        paid, (zh, en) = found
        if base > 0:
            weights = [run.counting[place] for place in places]
            for place, part in zip(places, money.spread(paid, weights), strict=True):
                paying[place] = part
        else:
            paid = 0
        own, result = run.amount(base), run.amount(paid)
        told = f"{own[0]} × {zh} = {result[0]}。", f"{own[1]} × {en} = {result[1]}."
        run.note("rate", rule, base, told)
    run.paying = paying
    run.step("rate", before, (f"补贴 {run.amount(run.now)[0]}。", f"a subsidy of {run.amount(run.now)[1]}."))


def _rated(run: Run, rule: Rate, base: int) -> tuple[int, Words] | None:
    """The amount that a rate pays and how; None after a question."""
    if rule.slices:
        return _sliced(run, rule, base)
    bps, fixed = rule.bps, None
    if rule.rows:
        row = run.row("rate", rule, rule.rows)
        if row is None:
            return None
        bps, fixed = row.bps, row.amount
    if fixed is not None:
        zh, en = run.amount(fixed)
        return fixed, (f"定额 {zh}", f"fixed {en}")
    shown = percent(bps or 0)
    return run.share(base, bps or 0), (shown, shown)


def _sliced(run: Run, rule: Rate, base: int) -> tuple[int, Words]:
    total, start, shown = 0, 0, []
    for part in rule.slices:
        end = base if part.up_to is None else min(base, part.up_to)
        if end > start:
            total += (end - start) * part.bps
            shown.append((end - start, part.bps))
            start = end
    zh, en = (" + ".join(f"{run.amount(own)[n]} × {percent(bps)}" for own, bps in shown) for n in (0, 1))
    return run.whole(total, WHOLE), (f"分段（{zh}）", f"slices ({en})")


def bonuses(run: Run, step: str, *, inside: bool) -> None:
    """Add what is earned, before the caps or after them."""
    rules = {code: rule for code, rule in run.rules.bonuses.items() if rule.inside_cap is inside}
    for rule in run.spoken(step, rules):
        fits = run.fits(rule.when)
        if isinstance(fits, list):
            run.unknown(step, rule, fits)
        elif not fits or not run.eligible:
            run.note(step, rule, run.now, ("不适用。", "does not apply."))
        else:
            _add(run, step, rule)


def _add(run: Run, step: str, rule: Bonus) -> None:
    before = run.now
    added = rule.amount if rule.amount is not None else run.share(run.eligible, rule.bps or 0)
    run.lower(range(len(run.counting)), before + added)
    zh, en = run.amount(added)
    how = "" if rule.bps is None else f"{run.amount(run.eligible)[0]} × {percent(rule.bps)} = "
    english = "" if rule.bps is None else f"{run.amount(run.eligible)[1]} × {percent(rule.bps)} = "
    run.note(step, rule, before, (f"加 {how}{zh}。", f"plus {english}{en}."))


def caps(run: Run) -> None:
    """Bring down what is above a cap, less what was granted under it before. All are taken: the smallest wins."""
    for rule in run.spoken("caps", run.rules.caps):
        limit = rule.amount
        if rule.rows:
            row = run.row("caps", rule, rule.rows)
            if row is None:
                continue
            limit = row.amount
        for key, places in run.groups(rule.per).items():
            if "" in key:
                run.unknown("caps", rule, [name for name, text in zip(rule.per, key, strict=True) if not text])
            else:
                _cap(run, rule, limit or 0, key, places)


def _cap(run: Run, rule: Cap, limit: int, key: tuple[str, ...], places: list[int]) -> None:
    grants = [(tuple(getattr(g, name) for name in rule.per), g) for g in run.earlier(rule.span, rule.months)]
    zh, en = run.amount(limit)
    if rule.average:
        number = len({own for own, _ in grants} | {key})
        used, whole = sum(grant.amount_fen for _, grant in grants), limit * number
        zh, en = f"{zh} × {number}", f"{en} × {number}"
    else:
        used, whole = sum(grant.amount_fen for own, grant in grants if own == key), limit
    room = max(0, whole - used)
    before = run.now
    own = sum(run.paying[place] for place in places) if run.paying is not None else 0
    if own > room:
        run.lower(places, room)
    taken, left = run.amount(used), run.amount(room)
    told = f"{zh} − 已补 {taken[0]} = {left[0]}", f"{en} − {taken[1]} granted before = {left[1]}"
    wanted = run.amount(own)
    mark = ">" if own > room else "≤"
    run.note(
        "caps", rule, before, (f"{told[0]}；{wanted[0]} {mark} 余额。", f"{told[1]}; {wanted[1]} {mark} what is left.")
    )


def whole(run: Run) -> None:
    """Round the subsidy to the book's unit."""
    unit, before = run.rules.round_to, run.now
    after = rounded(before, unit, run.rules.rounding) * unit
    if after != before and run.project.expenses:
        run.lower(range(len(run.counting)), after)
    own, end, steps = run.amount(before), run.amount(run.now), run.amount(unit)
    told = f"{own[0]} 取整到 {steps[0]}：{end[0]}。", f"{own[1]} in units of {steps[1]}: {end[1]}."
    run.step("round", before, told)


def instalments(run: Run) -> None:
    """Split the subsidy; the parts sum to it to the fen."""
    rules = list(run.spoken("tranches", run.rules.instalments))
    if len(rules) < len(run.rules.instalments) or not rules:
        return
    split = money.spread(run.now, [rule.share_bps for rule in rules])
    for rule, part in zip(rules, split, strict=True):
        reached = run.project.reached.get(rule.event, 0)
        due = rule.waits == "nothing" or reached >= (rule.reached if rule.waits == "count" and rule.reached else 1)
        run.parts.append(Part(rule.code, part, due))
        zh, en = run.amount(part)
        state = ("可拨付", "due") if due else ("尚未满足条件", "not yet due")
        shown = percent(rule.share_bps)
        told = f"{rule.name_zh}：{shown} = {zh}，{state[0]}。", f"{rule.name_en}: {shown} = {en}, {state[1]}."
        run.lines.append(Line("tranches", rule.code, rule.clause, run.now, part, *told))
