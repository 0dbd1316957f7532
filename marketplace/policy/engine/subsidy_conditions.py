"""What must hold before there is a rate: gates, windows, counts, types of cost, shares of the project, least spend."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from marketplace.policy.books.keys import Moment
from marketplace.policy.books.subsidy import Count, Gate, Minimum, Rule, Share, Window
from marketplace.policy.books.words import said
from marketplace.policy.engine.subsidy_run import Run
from marketplace.policy.engine.verdict import WHOLE, percent


def gates(run: Run) -> None:
    """Refuse whoever is not what the policy supports; ask for what is not known."""
    for gate in run.spoken("gates", run.rules.gates):
        known = run.project.attributes.get(gate.attribute)
        if known is None:
            run.unknown("gates", gate, [gate.attribute])
            continue
        shown = "、".join(sorted(known)) or "无", ", ".join(sorted(known)) or "none"
        if _passes(run, gate, known):
            run.note("gates", gate, run.now, (f"符合（{shown[0]}）。", f"met ({shown[1]})."))
        else:
            run.refuse("gates", gate, (f"不符合（{shown[0]}）。", f"not met ({shown[1]})."))


def _passes(run: Run, gate: Gate, known: frozenset[str]) -> bool:
    def covered(names: Sequence[str]) -> bool:
        return any(text == name or (gate.by_prefix and text.startswith(name)) for text in known for name in names)

    if gate.at_least:
        scale = run.scale
        least = scale.rank(gate.at_least) or 0
        if not any((scale.rank(text) or 0) >= least for text in known):
            return False
    if gate.forbidden and covered(gate.forbidden):
        return False
    return not gate.allowed or covered(gate.allowed)


def windows(run: Run) -> None:
    """Refuse, or leave out, what lies outside its window; an end that was prolonged counts once that is known."""
    for window in run.spoken("windows", run.rules.windows):
        clause, closes = _end(window, run.project.day)
        own = [expense.moments.get(window.moment) for expense in run.project.expenses]
        common = list(run.project.moments.get(window.moment, ()))
        shown = _shown(window, closes)
        if clause:
            shown = shown[0] + f"（延期：{clause}）", shown[1] + f" (prolonged: {clause})"
        if window.effect == "exclude":
            _exclude(run, window, closes, [common if moment is None else [moment] for moment in own], shown)
            continue
        moments = common + [moment for moment in own if moment is not None]
        _told(run, window, [inside(window, closes, moment) for moment in moments], shown)


def _told(run: Run, window: Window, answers: list[bool | None], shown: tuple[str, str]) -> None:
    if False in answers:
        run.refuse("windows", window, (f"不在 {shown[0]} 内。", f"outside {shown[1]}."))
    elif None in answers or not answers:
        run.unknown("windows", window, [window.moment])
    else:
        run.note("windows", window, run.now, (f"在 {shown[0]} 内。", f"inside {shown[1]}."))


def _exclude(
    run: Run, window: Window, closes: Moment | None, moments: list[list[Moment]], shown: tuple[str, str]
) -> None:
    before = run.now
    for place, own in enumerate(moments):
        answers = [inside(window, closes, moment) for moment in own]
        if False in answers:
            run.counting[place] = 0
        elif None in answers or not answers:
            run.unknown("windows", window, [window.moment])
            return
    run.note("windows", window, before, (f"只计入 {shown[0]} 内的费用。", f"only costs inside {shown[1]} count."))


def _end(window: Window, day: date) -> tuple[str, Moment | None]:
    """The end that is known on a day, with the clause of its prolongation."""
    known = [each for each in window.extensions if each.announced <= day]
    return (known[-1].clause, known[-1].closes) if known else ("", window.closes)


def inside(window: Window, closes: Moment | None, moment: Moment) -> bool | None:
    """Whether a moment lies in a window; None where only its day is known and the hour decides."""
    answers = []
    for bound, sign, whole in ((window.opens, 1, window.opens_inside), (closes, -1, window.closes_inside)):
        if bound is None:
            continue
        place = _compared(moment, bound)
        answers.append(None if place is None else place * sign > 0 or (place == 0 and whole))
    return False if False in answers else None if None in answers else True


def _compared(moment: Moment, bound: Moment) -> int | None:
    """-1 before, 0 at, 1 after the bound, by the hour only where the bound has one."""
    if isinstance(bound, datetime):
        if isinstance(moment, datetime):
            return (moment > bound) - (moment < bound)
        return None if moment == bound.date() else (moment > bound.date()) - (moment < bound.date())
    day = moment.date() if isinstance(moment, datetime) else moment
    return (day > bound) - (day < bound)


def _shown(window: Window, closes: Moment | None) -> tuple[str, str]:
    ends = [
        ("…", "", "") if bound is None else (str(bound), *(("", "") if whole else ("（不含）", " (itself outside)")))
        for bound, whole in ((window.opens, window.opens_inside), (closes, window.closes_inside))
    ]
    zh, en = (
        " 至 ".join(f"{day}{mark}" for day, mark, _ in ends),
        " to ".join(f"{day}{mark}" for day, _, mark in ends),
    )
    return f"{said(window.moment, 0)} {zh}", f"{said(window.moment, 1)} {en}"


def counts(run: Run) -> None:
    """Refuse one project more than an applicant may have."""
    for rule in run.spoken("counts", run.rules.counts):
        worst = _most(run, rule)
        if worst is None:
            run.unknown("counts", rule, rule.per)
            continue
        told = f"连同本次 {worst} 个，最多 {rule.most} 个。", f"{worst} with this one, at most {rule.most}."
        if rule.most is not None and worst > rule.most:
            run.refuse("counts", rule, told)
        else:
            run.note("counts", rule, run.now, told)


def _most(run: Run, rule: Count) -> int | None:
    worst = 0
    for key in run.groups(rule.per):
        if "" in key:
            return None
        same = [g for g in run.earlier(rule.span) if tuple(getattr(g, name) for name in rule.per) == key]
        worst = max(worst, len({grant.claim for grant in same} | {run.project.claim}))
    return worst


def costs(run: Run) -> None:
    """What counts of each expense by its type: in full, in part, or not."""
    types = run.rules.costs
    if not types:
        run.step("costs", run.now, ("费用全额计入。", "all costs count in full."))
        return
    known = {rule.code for rule in run.spoken("costs", types)}
    for code in dict.fromkeys(expense.type for expense in run.project.expenses):
        places = [place for place, expense in enumerate(run.project.expenses) if expense.type == code]
        before, own = run.now, sum(run.counting[place] for place in places)
        rule = types.get(code)
        if rule is None:
            _unlisted(run, code, places)
            continue
        if code not in known:  # asked already
            continue
        if rule.counts == "part":
            run.lower(places, run.share(own, rule.part_bps or 0))
        elif rule.counts == "not":
            run.lower(places, 0)
        after = sum(run.counting[place] for place in places)
        arithmetic = f" × {percent(rule.part_bps or 0)}" if rule.counts == "part" else ""
        zh, en = (f"{run.amount(own)[n]}{arithmetic} → {run.amount(after)[n]}" for n in (0, 1))
        run.note("costs", rule, before, (f"{said(rule.counts, 0)}，{zh}。", f"{said(rule.counts, 1)}, {en}."))


def _unlisted(run: Run, code: str, places: list[int]) -> None:
    before, own = run.now, run.amount(sum(run.counting[place] for place in places))
    rule = Rule(code=code, clause=run.rules.clause, name_zh=code, name_en=code)
    if run.rules.unlisted == "ask":
        run.ask("costs", rule, (f"未列明的费用 {own[0]} 如何计入？", f"how do {own[1]} of an unlisted type count?"))
        return
    if run.rules.unlisted == "not":
        run.lower(places, 0)
    told = said(run.rules.unlisted, 0), said(run.rules.unlisted, 1)
    run.note("costs", rule, before, (f"未列明，{told[0]}，{own[0]}。", f"not listed, {told[1]}, {own[1]}."))


def shares(run: Run) -> None:
    """Limits of some costs as a share: what is above is cut from them, or the project is refused."""
    for rule in run.spoken("shares", run.rules.shares):
        places = [place for place, expense in enumerate(run.project.expenses) if expense.type in rule.cost_types]
        own = sum(run.counting[place] for place in places)
        base = _base(run, rule)
        if base is None:
            run.unknown("shares", rule, ["award"])
            continue
        bps, before = rule.most_bps if rule.most_bps is not None else rule.least_bps or 0, run.now
        holds = own * WHOLE <= base * bps if rule.most_bps is not None else own * WHOLE >= base * bps
        compare = ("≤" if holds else ">") if rule.most_bps is not None else ("≥" if holds else "<")
        zh, en = (f"{run.amount(own)[n]} {compare} {run.amount(base)[n]} × {percent(bps)}" for n in (0, 1))
        if holds:
            run.note("shares", rule, before, (f"{zh}。", f"{en}."))
        elif rule.effect == "refuse":
            run.refuse("shares", rule, (f"{zh}。", f"{en}."))
        else:
            # of what counts in the end, the limit itself is part of the base: x ≤ share × (rest + x)
            limit = (base - own) * bps // (WHOLE - bps) if rule.base == "counted" else base * bps // WHOLE
            run.lower(places, limit)
            cut = run.amount(before - run.now)
            run.note("shares", rule, before, (f"{zh}，核减 {cut[0]}。", f"{en}, {cut[1]} are cut."))


def _base(run: Run, rule: Share) -> int | None:
    if rule.base == "award":
        return run.project.award_fen
    return run.now if rule.base == "counted" else sum(run.of(expense) for expense in run.project.expenses)


def least(run: Run, step: str, of: str) -> None:
    """Refuse what is below the least spend or subsidy, or raise it."""
    minimums = {code: rule for code, rule in run.rules.minimums.items() if rule.of == of}
    for rule in run.spoken(step, minimums):
        _least(run, step, rule, rule.amount or 0)


def _least(run: Run, step: str, rule: Minimum, limit: int) -> None:
    before, wanted = run.now, run.amount(limit)
    own = run.amount(before)
    if before >= limit:
        run.note(step, rule, before, (f"{own[0]} ≥ {wanted[0]}。", f"{own[1]} ≥ {wanted[1]}."))
    elif rule.otherwise == "refuse" or not run.project.expenses:
        run.refuse(step, rule, (f"{own[0]} < {wanted[0]}。", f"{own[1]} < {wanted[1]}."))
    else:
        run.lower(range(len(run.project.expenses)), limit)
        run.note(step, rule, before, (f"{own[0]}，提高到 {wanted[0]}。", f"{own[1]}, raised to {wanted[1]}."))
