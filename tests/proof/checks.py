"""R7. Each check of the ledger's own program is taken away in turn: the database alone keeps the money whole."""

from __future__ import annotations

import ast
import sys
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from sqlalchemy import func, select

from marketplace.base.context import Actor, Context
from marketplace.base.errors import Refusal
from tests.proof import ground
from tests.proof.parts import Counts, Figure, Part, Piece, none, some, together
from tests.proof.scene import ACTS, AFTER, Act, Scene, stand
from tests.proof.scene import PART as FULL
from tests.support.ledger import CHECKER, CLOSES, LAST, NOON, OFFICER, OTHER, PROVIDER, TODAY, Books, key
from tests.support.postgres import Cluster
from vouchers.ledger import posting, verify
from vouchers.ledger.actions import batches, claims, freezing, funds, holds, issue, parts, payouts, recalls
from vouchers.ledger.actions.batches import Payee
from vouchers.ledger.actions.claims import Decision
from vouchers.ledger.actions.issue import ContractItem, VoucherItem
from vouchers.ledger.models.funds import FundEntry

MODULES: tuple[ModuleType, ...] = (posting, funds, issue, holds, parts, recalls, freezing, claims, batches, payouts)
ENDS = {"Refusal", "unless_done", "NotFound", "other_request", "exhausted"}
"""What a refusing branch raises or returns."""
ANSWERED = {"done", "claim", "batch", "total", "_replayed"}
"""What a branch gives back that found the key used already."""
HUGE = 10**15
SHORT_STEP = 10


@dataclass(frozen=True)
class Check:
    """An ``if`` that refuses, or that answers a repeated key: its module, function, and how many stand before it."""

    module: ModuleType
    function: str
    number: int
    words: str

    @property
    def name(self) -> str:
        return f"{self.module.__name__.rsplit('.', 1)[-1]}.{self.function}: {self.words}"


def checks() -> Iterator[Check]:
    """Every one in the ledger's verbs."""
    for module in MODULES:
        for function in _functions(_tree(module)):
            for number, node in enumerate(_refusing(function)):
                yield Check(module, function.name, number, ast.unparse(node.test))


def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))


def _functions(tree: ast.Module) -> list[ast.FunctionDef]:
    return [node for node in tree.body if isinstance(node, ast.FunctionDef)]


def _refusing(function: ast.FunctionDef) -> list[ast.If]:
    return [node for node in ast.walk(function) if isinstance(node, ast.If) and _ends(node.body[-1])]


def _ends(last: ast.stmt) -> bool:
    """Whether a branch ends in a refusal, or in what was done before."""
    if isinstance(last, ast.Raise):
        return True
    if not isinstance(last, ast.Return) or last.value is None:
        return False
    called = last.value.func if isinstance(last.value, ast.Call) else last.value
    name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
    return name in ENDS | ANSWERED


@contextmanager
def without(check: Check) -> Iterator[list[bool]]:
    """The program with one check that never strikes; gives what it would have said each time it was asked."""
    tree = _tree(check.module)
    function = next(found for found in _functions(tree) if found.name == check.function)
    node = _refusing(function)[check.number]
    asked: list[bool] = []

    def never(struck: object) -> bool:
        asked.append(bool(struck))
        return False

    node.test = ast.copy_location(ast.Call(ast.Name("_proof_never", ast.Load()), [node.test], []), node.test)
    code = compile(ast.fix_missing_locations(tree), str(check.module.__file__), "exec")
    target: Any = vars(check.module)[check.function]
    before = target.__code__
    vars(check.module)["_proof_never"] = never
    target.__code__ = next(
        const for const in code.co_consts if isinstance(const, CodeType) and const.co_name == check.function
    )
    try:
        yield asked
    finally:
        target.__code__ = before
        del vars(check.module)["_proof_never"]


# ---- what a client could try once nobody checks


def _allotted(ctx: Context) -> int:
    """A movement of a fund that nobody may take back by itself."""
    return int(ctx.session.scalar(select(func.min(FundEntry.id)).where(FundEntry.kind == "allot")) or 0)


def _wrong(s: Scene, books: Books) -> Sequence[tuple[Callable[[Context], Any], Actor]]:
    """Requests that must be refused, or that do nothing twice; each with who sends it."""
    nobody, again = uuid.uuid4(), key()
    voucher_item = VoucherItem(100, LAST, uuid.uuid4())
    contract_item = ContractItem(HUGE, CLOSES, PROVIDER, key(), bytes(32), TODAY)
    tried: list[Callable[[Context], Any]] = [
        *(
            call
            for amount in (0, -5, HUGE)
            for call in (
                lambda c, a=amount: holds.reserve(c, s.voucher, uuid.uuid4(), PROVIDER, a, LAST, key()),
                lambda c, a=amount: holds.redeem(c, s.hold, a, key()),
                lambda c, a=amount: holds.redeem(c, s.hold, a, key(), release_rest=True),
                lambda c, a=amount: holds.release(c, s.hold, key(), a),
                lambda c, a=amount: parts.redeem_contract(c, books.contract, a, key()),
                lambda c, a=amount: parts.refund(c, s.free_part, a, key()),
                lambda c, a=amount: parts.cut(c, s.reviewed_part, a, key()),
                lambda c, a=amount: parts.clawback(c, s.paid_part, a, key()),
                lambda c, a=amount: recalls.recall(c, s.voucher, a, key()),
                lambda c, a=amount: claims.file(c, s.voucher, "direct", PROVIDER, {s.free_part: a}),
                lambda c, a=amount: claims.approve(c, s.reviewed_claim, {s.reviewed_part: Decision(a)}, key()),
                lambda c, a=amount: funds.allot(c, books.platforms, a, key()),
                lambda c, a=amount: funds.unallot(c, books.renovation, a, key()),
                lambda c, a=amount: funds.book_receipt(c, s.fund, a, key()),
                lambda c, a=amount: funds.book_return(c, s.fund, a, key()),
                lambda c, a=amount: issue.issue(c, s.line, [VoucherItem(a, LAST, uuid.uuid4())], key()),
            )
        ),
        # the wrong thing: a contract for a voucher, another's part, another fund, nothing at all
        lambda c: holds.reserve(c, books.contract, uuid.uuid4(), PROVIDER, 100, LAST, key()),
        lambda c: holds.reserve(c, s.voucher, uuid.uuid4(), PROVIDER, 10, CLOSES + AFTER, key()),
        lambda c: parts.redeem_contract(c, s.voucher, 100, key()),
        lambda c: parts.refund(c, s.paid_part, 10, key()),
        lambda c: parts.clawback(c, s.free_part, 10, key()),
        lambda c: claims.file(c, s.voucher, "direct", PROVIDER, {}),
        lambda c: claims.file(c, s.voucher, "direct", OTHER, {s.free_part: 10}),
        lambda c: claims.file(c, s.voucher, "direct", PROVIDER, {s.reviewed_part: 10}),
        lambda c: claims.review(c, s.reviewed_claim, {}),
        lambda c: claims.review(c, s.reviewed_claim, {s.reviewed_part: Decision(10)}),
        lambda c: claims.approve(c, s.reviewed_claim, {}, key()),
        lambda c: claims.approve(c, s.reviewed_claim, {s.reviewed_part: Decision(10)}, key()),
        lambda c: claims.approve(c, s.ready_claim, {}, key()),
        lambda c: claims.resubmit(c, s.ready_claim),
        lambda c: batches.add(c, s.draft, [Payee(s.reviewed_claim, uuid.uuid4(), {})]),
        lambda c: batches.add(c, batches.open_batch(c, s.fund, key()).id, [Payee(s.ready_claim, uuid.uuid4(), {})] * 2),
        lambda c: batches.approve(c, batches.open_batch(c, s.fund, key(), maker_id=CHECKER.person_id).id, key()),
        lambda c: batches.take_out(c, s.failed_item),
        lambda c: batches.approve(c, s.draft, key()),
        lambda c: payouts.confirm(c, {s.attempt: "1", nobody: "2"}),
        lambda c: payouts.fail(c, {nobody: "x"}),
        lambda c: payouts.prepare(c, s.draft),
        lambda c: payouts.send(c, s.draft),
        lambda c: funds.recover(c, s.fund, s.paid_part, 10, key()),
        lambda c: funds.carry_over(c, s.line, HUGE, CLOSES + AFTER, key()),
        lambda c: funds.take_back(c, _allotted(c), key()),
        lambda c: issue.issue(c, s.line, [voucher_item, contract_item], key()),
        lambda c: issue.issue(c, s.line, [], key()),
        lambda c: issue.issue(c, books.platforms, [contract_item], key()),
        # nobody's
        lambda c: holds.reserve(c, nobody, uuid.uuid4(), PROVIDER, 100, LAST, key()),
        lambda c: holds.redeem(c, nobody, 10, key()),
        lambda c: parts.refund(c, 10**12, 10, key()),
        lambda c: funds.take_back(c, 10**12, key()),
        lambda c: parts.redeem_contract(c, nobody, 10, key()),
        lambda c: recalls.recall(c, nobody, 10, key()),
        lambda c: freezing.freeze(c, nobody),
        lambda c: claims.file(c, nobody, "direct", PROVIDER, {s.free_part: 10}),
        lambda c: claims.reject(c, nobody),
        lambda c: claims.approve(c, nobody, {}, key()),
        lambda c: batches.open_batch(c, nobody, key()),
        lambda c: batches.add(c, nobody, []),
        lambda c: batches.approve(c, nobody, key()),
        lambda c: batches.cancel(c, nobody),
        lambda c: batches.take_out(c, nobody),
        lambda c: batches.fail_items(c, [nobody], key()),
        lambda c: funds.allot(c, nobody, 10, key()),
        lambda c: funds.book_award(c, nobody, 10, key()),
        lambda c: funds.open_line(c, nobody, "x", "other", TODAY, CLOSES, 1),
        lambda c: issue.issue(c, nobody, [voucher_item], key()),
        # one key twice, for the same and for something else
        *[lambda c, a=a: funds.book_award(c, s.fund, a, again) for a in (10, 10, 11)],
        *[lambda c, a=a: funds.allot(c, books.renovation, a, again + "a") for a in (10, 10, 11)],
        *[lambda c, a=a: funds.unallot(c, books.renovation, a, again + "b") for a in (10, 10, 11)],
        *[lambda c, a=a: parts.redeem_contract(c, books.contract, a, again + "c") for a in (1, 1, 2)],
        *[lambda c, a=a: parts.refund(c, s.free_part, a, again + "d") for a in (1, 1, 2)],
        *[lambda c, a=a: recalls.recall(c, s.voucher, a, again + "e") for a in (1, 1, 2)],
        *[lambda c, a=a: holds.release(c, s.hold, again + "f", a) for a in (1, 1, 2)],
        *[lambda c, a=a: holds.redeem(c, s.hold, a, again + "g") for a in (1, 1, 2)],
        *[
            lambda c, a=a: holds.reserve(c, s.voucher, uuid.UUID(int=a), PROVIDER, a, LAST, again + "h")
            for a in (1, 1, 2)
        ],
        *[
            lambda c, a=a: issue.issue(c, s.line, [VoucherItem(a, LAST, uuid.uuid5(nobody, str(a)))], again + "i")
            for a in (1, 1, 2)
        ],
        *[
            lambda c, a=a: holds.transfer(c, s.ended, uuid.UUID(int=a + 10), OTHER, CLOSES, again + "j")
            for a in (1, 1, 2)
        ],
        lambda c: claims.approve(c, s.reviewed_claim, {s.reviewed_part: Decision(FULL)}, again + "d"),
        # a part that was taken back in between
        lambda c: parts.refund(c, s.reviewed_part, 1, key()),
        lambda c: claims.approve(c, s.reviewed_claim, {s.reviewed_part: Decision(FULL)}, key()),
    ]
    return [*((call, OFFICER) for call in tried), (lambda c: batches.approve(c, s.draft, key()), OFFICER)]


def _frozen(s: Scene) -> Sequence[Callable[[Context], Any]]:
    return (
        lambda c: holds.reserve(c, s.voucher, uuid.uuid4(), PROVIDER, 1, LAST, key()),
        lambda c: holds.redeem(c, s.hold, 1, key()),
        lambda c: holds.transfer(c, s.hold, uuid.uuid4(), OTHER, CLOSES, key()),
    )


def _late(s: Scene) -> Sequence[Callable[[Context], Any]]:
    """After the voucher's last day."""
    return (
        lambda c: holds.reserve(c, s.voucher, uuid.uuid4(), PROVIDER, 1, LAST, key()),
        lambda c: holds.redeem(c, s.ended, 1, key()),
        lambda c: holds.release(c, s.ended, key(), 1),
        lambda c: parts.refund(c, s.free_part, 1, key()),
        lambda c: recalls.sweep(c),
        lambda c: holds.redeem(c, s.ended, 1, key()),
    )


class _Attack:
    """Everything that is tried on one database, and how it ended."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.ended: Counter[str] = Counter()

    def _try(self, verb: Callable[[Context], Any], actor: Actor = OFFICER) -> None:
        try:
            self.books.act(verb, actor)
            self.ended["done"] += 1
        except Refusal:
            self.ended["refused"] += 1
        except Exception as fault:  # a program without a check may fail anyhow; only the money counts
            self.ended[type(fault).__name__] += 1

    def _send(self, act: Act, scene: Scene, k: str) -> None:
        self._try(lambda ctx: act.verb(ctx, scene, k), act.actor)

    def _bank_refuses(self, s: Scene, other: Scene) -> None:
        """A payment fails and is given up, a batch released, each under a key that then comes for something else."""
        nothing = {
            s.reviewed_part: Decision(0, [{"amount": FULL, "code": "scope", "clause": "四(二)", "reason": "all"}])
        }
        self._try(lambda ctx: payouts.fail(ctx, {s.attempt: "account closed"}))
        failed, released = key(), key()
        for item in (s.failed_item, s.failed_item, other.failed_item):
            self._try(lambda ctx, item=item: batches.fail_items(ctx, [item], failed))  # type: ignore[misc]
        self._try(lambda ctx: claims.approve(ctx, s.reviewed_claim, nothing, key()))
        self._try(lambda ctx: batches.add(ctx, s.draft, [Payee(s.reviewed_claim, uuid.uuid4(), {})]))
        for draft in (s.draft, s.draft, other.draft):
            self._try(lambda ctx, draft=draft: batches.approve(ctx, draft, released), CHECKER)  # type: ignore[misc]

    def run(self, scene: Scene, twin: Scene) -> None:
        """Wrong requests first, then each act twice under one key and once more under another; what is frozen; what
        comes too late."""
        for verb, actor in _wrong(scene, self.books):
            self._try(verb, actor)
        for act in ACTS:
            if act.name not in ("freeze", "expire"):
                k = key()
                for used in (k, k, key()):
                    self._send(act, scene, used)
        self._try(lambda ctx: payouts.prepare(ctx, scene.draft))
        self._try(lambda ctx: payouts.send(ctx, scene.draft))
        self._try(lambda ctx: payouts.fail(ctx, {scene.attempt: "again"}))
        self._try(lambda ctx: batches.close(ctx, scene.draft))
        self._try(lambda ctx: freezing.freeze(ctx, twin.voucher))
        self._try(lambda ctx: freezing.freeze(ctx, self.books.contract))
        for verb in _frozen(twin):
            self._try(verb)
        self._try(lambda ctx: parts.redeem_contract(ctx, self.books.contract, 1, key()))
        self._try(lambda ctx: freezing.thaw(ctx, twin.voucher))
        self._try(lambda ctx: freezing.thaw(ctx, self.books.contract))
        self._bank_refuses(twin, scene)
        for act in ACTS:
            if act.name not in ("freeze", "expire"):
                self._send(act, twin, key())
        self._try(lambda ctx: batches.cancel(ctx, twin.draft))
        self.books.clock.set(NOON.replace(month=LAST.month, day=1) + AFTER * LAST.day)
        for verb in (*_late(twin), *_late(scene)):
            self._try(verb)
        self.books.clock.set(NOON)


def _take_away(books: Books, wanted: slice) -> Counts:
    seen: Counter[str] = Counter()
    every = list(checks())
    for check in every[wanted]:
        scene, twin = stand(books), stand(books)
        attack = _Attack(books)
        with without(check) as asked:
            attack.run(scene, twin)
        report = books.look(verify.verify)
        seen.update({"checks": 1, "struck": any(asked), "requests": sum(attack.ended.values())})
        if not report.sound:
            seen["broken"] += 1
            print(f"  without {check.name}: {'; '.join(map(str, report.differences[:3]))}", file=sys.stderr)
            break  # the books stay broken: what follows would be blamed for it
        if not any(asked):
            seen["idle"] += 1
            print(f"  never struck: {check.name}", file=sys.stderr)
    return {**{name: 0 for name in ("checks", "struck", "idle", "requests", "broken")}, **seen, "max all": len(every)}


CONTROL = "amount > row.available"
"""A check of the program; with the database's own guard behind it gone as well, the attack must break the books."""


def _control(server: Cluster | None = None, most: int | None = None) -> Counts:
    found = 0
    wanted = [check for check in checks() if check.words == CONTROL][:most]
    for check in wanted:
        with ground.postgresql(server) as (books, _):
            with books.engine.begin() as connection:
                connection.execution_options(marketplace_write=True)
                for name in connection.exec_driver_sql(
                    "SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid = 'commitment'::regclass"
                ).scalars():
                    connection.exec_driver_sql(f"ALTER TABLE commitment DROP CONSTRAINT {name}")
            scene, twin = stand(books), stand(books)
            with without(check):
                _Attack(books).run(scene, twin)
            found += not books.look(verify.verify).sound
    return {"controls": len(wanted), "controls found": found, "controls missed": len(wanted) - found}


def _on_sqlite(wanted: slice) -> Counts:
    with ground.sqlite() as books:
        return _take_away(books, wanted)


def _on_postgresql(wanted: slice, server: Cluster | None = None) -> Counts:
    with ground.postgresql(server) as (books, _):
        return _take_away(books, wanted)


def _short(server: Cluster) -> Counts:
    return together([_on_sqlite(slice(3, None, SHORT_STEP)), _control(server, 1)])


def _figures(counts: Counts) -> list[Figure]:
    return [
        some(counts, "max all", "checks in the ledger's verbs: refusals, and answers to a key used before", 40),
        some(counts, "checks", "taken away, one at a time, on SQLite and on PostgreSQL"),
        none(counts, "idle", "that would never have struck, so that nothing was tried"),
        some(counts, "requests", "requests sent meanwhile, most of them wrong"),
        some(counts, "controls found", "controls: without the check and without the guard behind it, found unsound"),
        none(counts, "controls missed", "controls that were not found unsound"),
        none(counts, "broken", "without which `ledger verify` finds the books unsound"),
    ]


PART = Part(
    code="checks",
    title="R7. The program's own checks taken away",
    method=(
        "Every `if` of the ledger's verbs that refuses, or that answers a key used before, is found in their source and"
        " made never to strike, one at a time. Then wrong requests are sent: nothing, less than nothing and too much,"
        " the wrong state, the wrong person, a frozen or expired voucher, one key for two things. What gets through is"
        " less civil, but every invariant of `ledger verify` must still hold: the database keeps the money, not the"
        " program."
    ),
    pieces=[
        Piece("sqlite", partial(_on_sqlite, slice(None))),
        Piece("postgresql", partial(_on_postgresql, slice(None))),
        Piece("control", _control),
    ],
    short=_short,
    figures=_figures,
)
