"""Making the pack of one claim: its papers and their files, its acts, its money, each under its seal."""

from __future__ import annotations

import hashlib
import json
import uuid
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import PurePath
from typing import IO, Any, BinaryIO

from sqlalchemy import Select, and_, or_, select

from marketplace.base import money
from marketplace.base.context import Context
from marketplace.base.errors import NotFound, Refusal
from marketplace.base.text import N_
from marketplace.base.types import canonical
from marketplace.people.organisations import queries as organisations
from marketplace.pilots.programmes.models import Pilot
from marketplace.policy.editions.models import BookEdition
from marketplace.record.audit import actions as audit
from marketplace.record.audit import keys, proving
from marketplace.record.audit.leaves import SEALED
from marketplace.record.audit.models import AuditRow
from marketplace.record.documents import actions as documents
from marketplace.record.documents.models import Document
from marketplace.shop.orders.models import Consent, Delivery, Order
from vouchers.claims import queries as claims
from vouchers.claims.models import ClaimForm, ClaimPaper, ClaimReview
from vouchers.claims.queries import Filed
from vouchers.evidence import permissions, verifier
from vouchers.ledger import chain
from vouchers.ledger.models.commitments import Commitment, DirectContract, Entry, Voucher
from vouchers.ledger.models.funds import FundEntry
from vouchers.ledger.models.payments import BatchItem, PaymentBatch, PayoutAttempt
from vouchers.ledger.states import BALANCES

MAX_FILES = 200
"""Files of one claim at most: far more than a claim has."""
_COPY = 1 << 20


@dataclass(frozen=True)
class Made:
    """A pack: the claim's number, how many sealed rows and files are in it, and the SHA-256 of its list of files."""

    number: str
    rows: int
    documents: int
    digest: str


def write(ctx: Context, claim_id: uuid.UUID, out: IO[bytes]) -> Made:
    """Write the evidence pack of a claim, and that it was made.

    Refuses `evidence.unsealed` while the sealer has not covered a row of it: some seconds later it has.
    """
    filed = claims.get(ctx, claim_id)
    ctx.require(permissions.EXPORT, filed.form)
    proof = _proof(ctx, filed)
    seals, checkpoints = proving.anchors(ctx.session, (row.seal for row in proof.rows))
    kept = _documents(ctx, filed)
    listed: dict[str, str] = {}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        put = _Put(archive, listed)
        put.text("README.txt", _readme(filed.form.number))
        put.text("verify.py", files("vouchers.evidence").joinpath("verifier.py").read_text(encoding="utf-8"))
        put.json("story.json", _story(ctx, filed))
        put.json("papers.json", _papers(ctx, filed))
        put.json("chains.json", _chains(ctx, filed))
        put.json("checkpoints.json", checkpoints)
        put.lines("rows.jsonl", (asdict(row) for row in proof.rows))
        put.lines("seals.jsonl", seals)
        put.json("documents.json", [_described(document) for document in kept])
        for path, text in _book(ctx, filed):
            put.text(path, text)
        for document in {document.sha256: document for document in kept}.values():
            _, content = documents.open_file(ctx, document.id, N_("导出证据包"))
            with content:
                put.stream(_place(document), content)
        manifest = _manifest(ctx, filed, listed)
        archive.writestr("manifest.json", manifest)
        signature = keys.private(ctx.house.settings).sign(verifier.FORMAT.encode() + b"\n" + manifest)
        archive.writestr("manifest.sig", signature.hex() + "\n")
    audit.look(ctx, "claim_form", claim_id, N_("导出证据包"))
    return Made(filed.form.number, len(proof.rows), len(kept), hashlib.sha256(manifest).hexdigest())


def find(ctx: Context, text: str) -> uuid.UUID:
    """The id of a claim by its number or id; NotFound."""
    try:
        return claims.get(ctx, uuid.UUID(text)).id
    except ValueError:
        pass
    found = ctx.session.scalar(select(ClaimForm.claim_id).where(ClaimForm.number == text.strip().upper()))
    if found is None:
        raise NotFound("claim")
    return claims.get(ctx, found).id


class _Put:
    """Puts files into an archive and keeps the digest of each."""

    def __init__(self, archive: zipfile.ZipFile, listed: dict[str, str]):
        self.archive, self.listed = archive, listed

    def text(self, name: str, text: str) -> None:
        self.pieces(name, [text.encode()])

    def json(self, name: str, value: Any) -> None:
        self.text(name, json.dumps(json.loads(canonical(value)), ensure_ascii=False, indent=1) + "\n")

    def lines(self, name: str, values: Iterable[Any]) -> None:
        self.pieces(name, (canonical(value).encode() + b"\n" for value in values))

    def stream(self, name: str, content: BinaryIO) -> None:
        self.pieces(name, iter(lambda: content.read(_COPY), b""))

    def pieces(self, name: str, pieces: Iterable[bytes]) -> None:
        digest = hashlib.sha256()
        with self.archive.open(name, "w") as file:
            for piece in pieces:
                digest.update(piece)
                file.write(piece)
        self.listed[name] = digest.hexdigest()


def _manifest(ctx: Context, filed: Filed, listed: dict[str, str]) -> bytes:
    said = {
        "format": verifier.FORMAT,
        "claim": filed.form.number,
        "claim_id": filed.id,
        "made_at": ctx.now,
        "public_key": keys.public(ctx.house.settings).hex(),
        "files": listed,
    }
    return (json.dumps(json.loads(canonical(said)), ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


# ---- what belongs to a claim


def _proof(ctx: Context, filed: Filed) -> proving.Proof:
    """Every sealed row about the claim: acts, movements of its commitment, movements of the fund for its payments."""
    batches = _batch_ids(filed)
    movements = select(Entry.id).where(Entry.commitment_id == filed.claim.commitment_id)
    wanted = {
        "audit_row": _acts(ctx, filed),
        "entry": Entry.commitment_id == filed.claim.commitment_id,
        "fund_entry": or_(FundEntry.batch_id.in_(batches), FundEntry.entry_id.in_(movements)),
    }
    proof = proving.Proof()
    for source in ctx.house.all(SEALED):
        if source.name in wanted:
            statement = select(*source.columns).where(wanted[source.name]).order_by(source.table.c.id)
            proving.prove(ctx.session, source, ctx.session.execute(statement).all(), proof)
    if proof.unsealed:
        table, number = proof.unsealed[0]
        raise Refusal(
            "evidence.unsealed",
            N_("记录 {table} {number} 刚写入、尚未加封，请几秒后再导出。"),
            table=table,
            number=number,
        )
    return proof


def _batch_ids(filed: Filed) -> Select[uuid.UUID]:
    return select(BatchItem.batch_id).where(BatchItem.claim_id == filed.id)


def _acts(ctx: Context, filed: Filed) -> Any:
    """Acts on the claim and on what it stands on."""
    form, commitment = filed.form, filed.claim.commitment_id
    papers = ctx.session.scalars(select(ClaimPaper.object_id).where(ClaimPaper.claim_id == filed.id))
    batches = ctx.session.scalars(_batch_ids(filed))
    named = {filed.id, commitment, form.order_id, form.contract_id, *papers, *batches} - {None}
    return and_(AuditRow.object_id.in_(sorted(map(str, named))))


def _papers(ctx: Context, filed: Filed) -> list[dict[str, Any]]:
    rows = ctx.session.scalars(
        select(ClaimPaper)
        .where(ClaimPaper.claim_id == filed.id)
        .order_by(ClaimPaper.round, ClaimPaper.kind, ClaimPaper.object_id)
    )
    return [
        {
            "round": row.round,
            "kind": row.kind,
            "object_id": row.object_id,
            "facts_sha256": row.facts_sha256,
            "document_sha256": row.document_sha256,
        }
        for row in rows
    ]


def _documents(ctx: Context, filed: Filed) -> list[Document]:
    """The files that the papers pin, and those of the deliveries."""
    pinned = select(ClaimPaper.document_id).where(ClaimPaper.claim_id == filed.id)
    delivered = select(Delivery.document_id).where(Delivery.order_id == filed.form.order_id)
    wanted = or_(Document.id.in_(pinned), Document.id.in_(delivered))
    return list(ctx.session.scalars(select(Document).where(wanted).order_by(Document.id).limit(MAX_FILES)))


def _place(document: Document) -> str:
    ending = PurePath(document.name).suffix[:8]
    return f"documents/{document.sha256}{ending if ending.isascii() else ''}"


def _described(document: Document) -> dict[str, Any]:
    return {
        "path": _place(document),
        "sha256": document.sha256,
        "name": document.name,
        "kind": document.kind,
        "media_type": document.media_type,
        "size": document.size,
    }


def _chains(ctx: Context, filed: Filed) -> list[dict[str, Any]]:
    """The commitment behind the claim: what its chain begins with, and what its entries must add up to."""
    commitment = ctx.session.get_one(Commitment, filed.claim.commitment_id, populate_existing=True)
    is_voucher = str(commitment.kind) == "voucher"
    face: Any = ctx.session.get_one(Voucher if is_voucher else DirectContract, commitment.id)
    names = chain.VOUCHER if is_voucher else chain.CONTRACT
    seed = [*(getattr(commitment, name) for name in chain.BORN), *(getattr(face, name) for name in names)]
    return [
        {
            "id": proving.typed(commitment.id),
            "seed": [None if value is None else proving.typed(value) for value in seed],
            "fields": chain.ENTRY,
            "balances": {name: getattr(commitment, name) for name in BALANCES},
        }
    ]


def _book(ctx: Context, filed: Filed) -> Iterator[tuple[str, str]]:
    """The rule book under which the pilot was approved, with those that it extends."""
    edition_id = select(Pilot.edition_id).where(Pilot.id == filed.form.pilot_id).scalar_subquery()
    book = ctx.session.scalars(select(BookEdition).where(BookEdition.id == edition_id)).one_or_none()
    if book is not None:
        yield f"book/{book.code}-{book.version}.toml", book.text
        for code, text in sorted(book.parents.items()):
            yield f"book/parents/{code}.toml", text


def _story(ctx: Context, filed: Filed) -> dict[str, Any]:
    """The claim in plain facts, for people; what proves them are the sealed rows."""
    form = filed.form
    roles = (("enterprise", form.enterprise_id), ("provider", form.provider_id), ("payee", form.payee_id))
    parties = organisations.many(ctx, [key for _, key in roles])
    reviews = ctx.session.scalars(
        select(ClaimReview).where(ClaimReview.claim_id == filed.id).order_by(ClaimReview.created_at, ClaimReview.id)
    )
    return {
        "claim": {
            "number": form.number,
            "state": filed.claim.state,
            "asked": money.plain(filed.asked_fen),
            "approved": None if filed.approved_fen is None else money.plain(filed.approved_fen),
            "submitted_at": form.submitted_at,
            "round": form.round,
            "paid_on": form.paid_on,
        },
        "parties": {
            name: {"name": parties[key].name, "uscc": parties[key].uscc}
            for name, key in (
                ("enterprise", form.enterprise_id),
                ("provider", form.provider_id),
                ("payee", form.payee_id),
            )
        },
        "order": _order(ctx, form.order_id) if form.order_id else None,
        "reviews": [
            {
                "round": row.round,
                "step": row.step,
                "decision": row.decision,
                "reason": row.reason,
                "cuts": row.cuts,
                "at": row.created_at,
                "person_id": row.person_id,
            }
            for row in reviews
        ],
        "payments": _payments(ctx, filed),
    }


def _order(ctx: Context, order_id: uuid.UUID) -> dict[str, Any]:
    order = ctx.session.get_one(Order, order_id)
    consents = ctx.session.scalars(
        select(Consent).where(Consent.order_id == order_id).order_by(Consent.created_at, Consent.id)
    )
    return {
        "number": order.number,
        "title": order.title,
        "total": money.plain(order.total_fen),
        "subsidy": money.plain(order.subsidy_fen),
        "state": order.state,
        "consents": [
            {"step": row.step, "way": row.way, "at": row.created_at, "person_id": row.person_id} for row in consents
        ],
    }


def _payments(ctx: Context, filed: Filed) -> list[dict[str, Any]]:
    rows = ctx.session.execute(
        select(PaymentBatch, BatchItem, PayoutAttempt)
        .join(BatchItem, BatchItem.batch_id == PaymentBatch.id)
        .outerjoin(PayoutAttempt, PayoutAttempt.batch_item_id == BatchItem.id)
        .where(BatchItem.claim_id == filed.id)
        .order_by(PaymentBatch.id, PayoutAttempt.attempt_no)
    )
    return [
        {
            "batch": batch.number,
            "amount": money.plain(item.amount),
            "state": item.state,
            "maker_id": batch.maker_id,
            "checker_id": batch.checker_id,
            "approved_on": batch.approved_on,
            "end_to_end_id": attempt.end_to_end_id if attempt else None,
            "bank": attempt.state if attempt else None,
            "bank_reference": attempt.bank_reference if attempt else None,
        }
        for batch, item, attempt in rows
    ]


def _readme(number: str) -> str:
    return _README.format(number=number)


_README = """\
兑付申请 {number} 的证据包
========================

解压后在本文件夹运行（只需 Python 3.9 以上，不联网、不写文件）：

    python verify.py

也可以先取出 verify.py，再运行 python verify.py 证据包.zip；装有平台软件的运行 marketplace evidence verify 证据包.zip。

核对的内容：清单签名与每个文件的摘要；每条记录到封印的路径；封印的摘要、签名与衔接；每日检查点；券的资金链与余额；
申请所依据的文件是否就是加封记录所载的文件。最后请将公钥和检查点与平台公开页面上的核对，或用 --key、--checkpoint 给出。

story.json 事实经过；papers.json 申请所附材料；documents/ 文件原件；book/ 依据的政策规则；rows.jsonl 加封的记录；
seals.jsonl 封印；checkpoints.json 每日检查点；chains.json 券或合同的资金链；manifest.json 清单，manifest.sig 其签名。

Evidence pack of claim {number}
===============================

Unpack it and run in this folder (Python 3.9 or later is all it needs; no network, nothing is written):

    python verify.py

What is verified: the signature of the list of files and each file's digest; the path of every row to its seal; hashes,
signatures and order of the seals; the daily checkpoints; the chain of the voucher's movements and its balances; that
the files on which the claim stands are those that the sealed record names. At the end compare the public key and the
checkpoints with those on the platform's public pages, or give them with --key and --checkpoint.

story.json the facts in order; papers.json what the claim stands on; documents/ the files themselves; book/ the rule
book; rows.jsonl the sealed rows; seals.jsonl the seals; checkpoints.json; chains.json the movements of the voucher or
contract; manifest.json the list of files, manifest.sig its signature.
"""
