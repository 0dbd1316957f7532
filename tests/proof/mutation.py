"""R8. The pure modules are changed in one place at a time: the tests must notice."""

from __future__ import annotations

import ast
import copy
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest

from tests.proof.parts import Counts, Figure, Part, Piece, none, some
from tests.support.postgres import Cluster

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60
"""Seconds after which a mutant counts as noticed: it never ends."""
LEAST = 0.9
TESTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "money": ("marketplace.base.money", ("tests/ledger/test_money.py",)),
    "merkle": ("marketplace.record.audit.merkle", ("tests/record/test_merkle.py",)),
    "leaves": ("marketplace.record.audit.leaves", ("tests/record/test_seals.py",)),
    "keys": ("marketplace.record.audit.keys", ("tests/record/test_seals.py",)),
    "sealing": (
        "marketplace.record.audit.sealing", ("tests/record/test_seals.py", "tests/record/test_tampering.py"),
    ),
    "chain": ("vouchers.ledger.chain", ("tests/ledger/test_chain.py", "tests/ledger/test_ledger_verify.py")),
    "posting": (
        "vouchers.ledger.posting", ("tests/ledger/test_chain.py", "tests/ledger/test_ledger_holds.py"),
    ),
}  # fmt: skip
"""Module → its name and the tests that must notice. Only the seals' tests ask PostgreSQL too: the others are pure."""
WITH_POSTGRESQL = {"sealing"}
SEALING = 8
"""Pieces of the sealer's module, whose tests take long."""

# ------------------------------------------------------------------ the mutants

COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
REVERSED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.Mod: ast.FloorDiv,
    ast.LShift: ast.RShift, ast.RShift: ast.LShift, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.Pow: ast.Mult,
}  # fmt: skip
MESSAGES = {"N_", "_", "Text"}
"""Calls whose words are for people."""


@dataclass(frozen=True)
class Mutant:
    """One change: the name that it belongs to, its number in the module, and how it reads."""

    owner: str
    number: int
    words: str


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    """What may stand in the place of a node."""
    if isinstance(node, ast.Compare):
        for place, op in enumerate(node.ops):
            if type(op) in COMPARED:
                yield _with(node, "ops", [*node.ops[:place], COMPARED[type(op)](), *node.ops[place + 1 :]])
    elif isinstance(node, (ast.BinOp, ast.AugAssign)) and type(node.op) in REVERSED:
        yield _with(node, "op", REVERSED[type(node.op)]())
    elif isinstance(node, ast.BoolOp):
        yield _with(node, "op", ast.Or() if isinstance(node.op, ast.And) else ast.And())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.USub)):
        yield node.operand
    elif isinstance(node, ast.Constant):
        yield from _other(node)
    elif isinstance(node, (ast.If, ast.IfExp, ast.While)) and not isinstance(node.test, (ast.Compare, ast.UnaryOp)):
        yield _with(node, "test", ast.UnaryOp(ast.Not(), node.test))
    elif isinstance(node, ast.Return) and node.value is not None and not isinstance(node.value, ast.Constant):
        yield ast.Return(ast.Constant(None))
    elif isinstance(node, ast.Break):
        yield ast.Continue()
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield ast.Pass()


def _other(node: ast.Constant) -> Iterator[ast.AST]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield ast.Constant(value + 1)
    elif isinstance(value, str):
        yield ast.Constant(value + "~")
    elif isinstance(value, bytes):
        yield ast.Constant(value + b"~")


def _with(node: Any, name: str, value: Any) -> ast.AST:
    made = copy.copy(node)
    setattr(made, name, value)
    return made


class _Walk(ast.NodeTransformer):
    """Counts every change of a function or constant, and makes the one that is wanted."""

    def __init__(self, wanted: int | None = None) -> None:
        self.wanted, self.seen = wanted, 0
        self.words: list[str] = []

    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in MESSAGES:
            return node
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return node  # a docstring
        for made in _changes(node):
            if self.seen == self.wanted:
                self.seen += 1
                return ast.copy_location(made, node)
            self.seen += 1
            if self.wanted is None:
                self.words.append(f"`{_said(node)}` → `{_said(made)}`")
        return super().visit(node)

    def visit_arguments(self, node: ast.arguments) -> ast.AST:
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is not None:
            node.value = self.visit(node.value)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.body = [self.visit(one) for one in node.body]
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        node.values = [self.visit(one) if isinstance(one, ast.FormattedValue) else one for one in node.values]
        return node


def _said(node: ast.AST) -> str:
    words = ast.unparse(ast.fix_missing_locations(copy.deepcopy(node))).splitlines()[0]
    return words.replace("|", "\\|") if len(words) < 70 else words[:67].replace("|", "\\|") + "…"


def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(Path(str(module.__file__)).read_text("utf-8"))


def _owners(tree: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    """Every function and method of a module, and the constants that they read, by name."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    read = {inner.id for node in functions for inner in ast.walk(node) if isinstance(inner, ast.Name)}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef):
                    yield f"{node.name}.{inner.name}", inner
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and _plain(node.value):
            if node.targets[0].id in read:
                yield node.targets[0].id, node


def _plain(node: ast.expr) -> bool:
    """Whether a value is written down, not computed by a call."""
    return not any(isinstance(inner, (ast.Call, ast.Name, ast.Lambda)) for inner in ast.walk(node))


def mutants(module: ModuleType) -> list[Mutant]:
    """Every one of a module."""
    found = []
    for name, node in _owners(_tree(module)):
        walk = _Walk()
        walk.visit(copy.deepcopy(node))
        found += [Mutant(name, number, words) for number, words in enumerate(walk.words)]
    return found


def put_in(module: ModuleType, mutant: Mutant) -> None:
    """Change the loaded module for good: call it in a process that ends soon."""
    tree = _tree(module)
    node = next(node for name, node in _owners(tree) if name == mutant.owner)
    _Walk(mutant.number).visit(node)
    ast.fix_missing_locations(tree)
    if isinstance(node, ast.Assign):
        value = eval(compile(ast.Expression(node.value), "<mutant>", "eval"), vars(module))
        setattr(module, mutant.owner, value)
        return
    code = compile(tree, str(module.__file__), "exec")
    target: Any = module
    for name in mutant.owner.split("."):
        code = next(c for c in code.co_consts if isinstance(c, CodeType) and c.co_name == name)
        target = vars(target)[name]
    function = getattr(target, "fget", None) or getattr(target, "__wrapped__", None) or target
    assert isinstance(function, FunctionType)
    function.__code__ = code


# ------------------------------------------------------------------ the tests, once per mutant


class _Loop:
    """Runs the tests once as they are, and then for each mutant in a process of its own until one of them fails."""

    def __init__(self, module: ModuleType, wanted: slice) -> None:
        self.module = module
        self.wanted = mutants(module)[wanted]
        self.failed = False
        self.told: dict[str, Any] = {"mutants": 0, "killed": 0, "endless": 0, "survivors": []}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed = self.failed or report.failed

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.session = session
        items = list(session.items)
        took = self._run(items)
        self.told["sound"] = not self.failed
        if self.failed:
            return True
        whole: Counter[str] = Counter()
        for item in items:
            whole[item.nodeid.partition("::")[0]] += took[item.nodeid]
        items.sort(key=lambda item: (whole[item.nodeid.partition("::")[0]], took[item.nodeid]))
        self.told["control"] = self._ends(items, None) == 0
        for mutant in self.wanted:
            ended = self._ends(items, mutant)
            self.told["mutants"] += 1
            self.told["killed"] += ended != 0
            self.told["endless"] += ended == signal.SIGALRM
            if ended == 0:
                self.told["survivors"].append(f"{mutant.owner}: {mutant.words}")
        return True

    def _run(self, items: Sequence[pytest.Item]) -> dict[str, float]:
        """Run tests until one fails; how long each took. What the session set up stays: nobody says that it ends."""
        took: dict[str, float] = {}
        followers: list[Any] = [*items[1:], self.session]
        for item, follower in zip(items, followers, strict=True):
            began = time.perf_counter()
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=follower)
            took[item.nodeid] = float(time.perf_counter() - began)
            if self.failed:
                break
        return took

    def _ends(self, items: Sequence[pytest.Item], mutant: Mutant | None) -> int:
        """How the process of a mutant ended; 0 when every test passed."""
        child = os.fork()
        if child == 0:
            code = 3
            try:
                signal.alarm(PATIENCE)
                resource.setrlimit(resource.RLIMIT_CPU, (PATIENCE, PATIENCE))
                if mutant is not None:
                    put_in(self.module, mutant)
                self._run(items)
                code = 1 if self.failed else 0
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        return os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def _child(name: str, start: int, stop: int, step: int, answer: str) -> int:
    module_name, files = TESTS[name]
    module = import_module(module_name)
    loop = _Loop(module, slice(start, stop, step))
    words = ["-q", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning", *files]
    words += ["-k", "test_seals or not postgres"] if name in WITH_POSTGRESQL else ["-m", "not postgres"]
    pytest.main(words, plugins=[loop])
    Path(answer).write_text(json.dumps(loop.told), "utf-8")
    return 0


def _try(name: str, start: int = 0, stop: int = 100_000, step: int = 1) -> Counts:
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        asked = [sys.executable, "-m", "tests.proof.mutation", name, *map(str, (start, stop, step, answer))]
        done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
        if not answer.exists():
            raise RuntimeError(done.stdout[-2000:] + done.stderr[-2000:])
        told = json.loads(answer.read_text("utf-8"))
    if not told.get("sound"):
        raise RuntimeError(f"the tests of {name} fail as they are: {done.stdout[-2000:]}")
    return {
        "mutants": told["mutants"], "killed": told["killed"], "endless": told["endless"],
        "controls": 1, "controls missed": int(not told["control"]),
        f"of {name}": told["mutants"], f"killed of {name}": told["killed"],
        **{f"survivor {name}.{words}": 1 for words in told["survivors"]},
    }  # fmt: skip


def _short(_server: Cluster) -> Counts:
    return _try("merkle", 5, step=16)


def _figures(counts: Counts) -> list[Figure]:
    killed, tried = counts.get("killed", 0), counts.get("mutants", 0)
    share = killed / tried if tried else 0
    lines = [
        some(counts, "mutants", "changes put in, one at a time"),
        Figure("noticed by the tests", f"{killed:,.0f} ({share:.1%})", f"at least {LEAST:.0%}", share >= LEAST),
        none(counts, "controls missed", "runs without a change that failed all the same"),
        Figure("of the noticed, that never came to an end", f"{counts.get('endless', 0):,.0f}"),
    ]
    for name, (module, _files) in TESTS.items():
        if f"of {name}" in counts:
            lines.append(
                Figure(
                    f"noticed / changed in `{module}`",
                    f"{counts[f'killed of {name}']:,.0f} / {counts[f'of {name}']:,.0f}",
                )
            )
    survivors = sorted(name.removeprefix("survivor ") for name in counts if name.startswith("survivor "))
    return [*lines, *(Figure(f"not noticed: {words}", f"{counts['survivor ' + words]:,.0f}") for words in survivors)]


PART = Part(
    code="mutation",
    title="R8. The tests themselves",
    method=(
        "The modules that only compute (money, the hash chain, keys of acts, Merkle trees, leaves and seals) are changed"
        " in one place: a comparison, an operator, a constant, a condition, a result, a call left out. Each change runs"
        " the module's tests in a process of its own until one fails. What no test noticed is listed below."
    ),
    pieces=[
        *(Piece(name, partial(_try, name)) for name in TESTS if name != "sealing"),
        *(Piece(f"sealing-{number + 1}", partial(_try, "sealing", number, step=SEALING)) for number in range(SEALING)),
    ],
    short=_short,
    figures=_figures,
)

if __name__ == "__main__":
    sys.exit(_child(sys.argv[1], *map(int, sys.argv[2:5]), sys.argv[5]))
