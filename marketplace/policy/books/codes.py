"""The page of every code that `marketplace check` may answer, with the clause that each book gives it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from marketplace.policy.books.model import Book

_HEAD = """# Codes of `marketplace check`

Made by `make docs` from the rule books; how to check a sheet is in [check.md](check.md). A check compares sums and
counts of the whole sheet and is `pass`, `open` (not reached yet, still reachable), `warn` or `fail`; a finding is about
one row and warns or fails. Values take the place of {words in braces}. What a book does not list is not looked at.

由规则书自动生成；怎样核查见 [check.md](check.md)。检查项对整张表的合计和数量，结果为符合（pass）、进行中（open）、
预警（warn）或不符合（fail）；逐行问题针对某一行，或预警，或不符合。{花括号}内为代入的值。规则书未列出的，不作检查。
"""


def page(books: Iterable[Book]) -> str:
    """The page in Markdown: for each book its checks in the order of the answer, then its findings."""
    return _HEAD + "".join(f"\n{line}" for book in books for line in _book(book)) + "\n"


def _book(book: Book) -> Iterator[str]:
    yield f"## `{book.code}` {book.version}\n\n{book.name_zh}\n{book.name_en}\n"
    yield "| check | clause | 中文 | English |"
    yield "|---|---|---|---|"
    for code in book.checks_applied:
        rule = book.checks[code]
        zh = _cell(f"**{rule.name_zh}** {rule.message_zh}")
        en = _cell(f"**{rule.name_en}** {rule.message_en}")
        yield f"| `{code}` | {rule.clause} | {zh} | {en} |"
    yield ""
    yield "| finding | result | clause | 中文 | English |"
    yield "|---|---|---|---|---|"
    for code in book.findings_applied:
        found = book.findings[code]
        yield f"| `{code}` | {found.severity} | {found.clause} | {_cell(found.zh)} | {_cell(found.en)} |"
    yield ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
