"""Publishing rule books. An edition is never changed: a new wording is a new version."""

from __future__ import annotations

from sqlalchemy import or_, select

from marketplace.base.context import Context
from marketplace.base.errors import Invalid, Refusal
from marketplace.base.text import N_, Text
from marketplace.policy.books import shelf
from marketplace.policy.books.model import Book
from marketplace.policy.editions import permissions, texts
from marketplace.policy.editions.events import BookPublished
from marketplace.policy.editions.models import BookEdition
from marketplace.record.audit import actions as audit

_SHOWN = 20


def publish(ctx: Context, code: str) -> BookEdition:
    """Publish a book that comes with the platform, as it stands there. The same content twice changes nothing."""
    ctx.require(permissions.PUBLISH)
    try:
        text = texts.on_shelf(code)
    except shelf.UnknownBook:
        raise Refusal(
            "edition.unknown_book", N_("没有名为“{book}”的政策规则。"), field="code", book=code[:60]
        ) from None
    return _publish(ctx, text, "code")


def publish_file(ctx: Context, data: bytes) -> BookEdition:
    """Publish a book of one's own: another policy is another file and no code. Every mistake is named by line."""
    ctx.require(permissions.PUBLISH)
    if len(data) > shelf.MAX_BYTES:
        raise Refusal("edition.too_large", N_("文件超过 {limit} MiB。"), field="file", limit=shelf.MAX_BYTES // 2**20)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refusal("edition.not_text", N_("文件不是 UTF-8 编码的 TOML 文本。"), field="file") from None
    return _publish(ctx, text, "file")


def _publish(ctx: Context, text: str, field: str) -> BookEdition:
    book, parents = _read(text, field)
    same = ctx.session.scalars(
        select(BookEdition).where(
            or_(
                BookEdition.content_hash == book.content_hash,
                (BookEdition.code == book.code) & (BookEdition.version == book.version),
            )
        )
    ).all()
    for edition in same:
        if edition.content_hash == book.content_hash:
            return edition
    if same:
        raise _taken(book, field)
    edition = ctx.add(
        BookEdition(
            code=book.code,
            version=book.version,
            content_hash=book.content_hash,
            name_zh=book.name_zh,
            name_en=book.name_en,
            text=text,
            parents=parents,
            published_by=ctx.actor.person_id if ctx.actor else None,
            published_by_name=(ctx.actor.organisation_name or ctx.actor.name) if ctx.actor else "",
        )
    )
    ctx.session.flush()
    audit.record(ctx, "policy.published", edition, code=book.code, version=book.version, content_hash=book.content_hash)
    ctx.announce(BookPublished(edition.id, edition.code, edition.version))
    return edition


def _taken(book: Book, field: str) -> Refusal:
    return Refusal(
        "edition.version_taken",
        N_("“{book}”版本 {version} 已发布且内容不同；已发布的版本不可更改，请另编版本号。"),
        field=field,
        book=book.code,
        version=book.version,
    )


def _read(text: str, field: str) -> tuple[Book, dict[str, str]]:
    try:
        parents = texts.parents_of(text)
        return texts.parse(texts.code_of(text) or "book", text, parents), parents
    except shelf.UnknownBook as fault:
        raise Refusal(
            "edition.unknown_book", N_("没有名为“{book}”的政策规则。"), field=field, book=str(fault)[:60]
        ) from None
    except shelf.UnusableBook as fault:
        lines: list[Text | str] = [
            Text(N_("第 {line} 行 {key}：{message}"), {"line": m.line, "key": m.key, "message": m.message})
            for m in fault.mistakes[:_SHOWN]
        ]
        if len(fault.mistakes) > _SHOWN:
            lines.append(Text(N_("……另有 {count} 处。"), {"count": len(fault.mistakes) - _SHOWN}))
        raise Invalid({field: lines}, "edition.unusable") from None
