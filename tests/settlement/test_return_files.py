"""What the bank answers: line by line, one act per file, the same file once; hostile files change nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from marketplace.base import sheets
from marketplace.base.errors import Invalid, Refusal
from tests.support.payday import SUBSIDY, Payday, refused, returned
from vouchers.ledger.models.commitments import Entry
from vouchers.ledger.models.payments import Claim, PaymentBatch, PayoutAttempt
from vouchers.ledger.states import BatchState, ClaimState
from vouchers.settlement import bankfile
from vouchers.settlement.bankfile import Payment
from vouchers.settlement.models import PaymentFile
from vouchers.settlement.states import Outcome

TODAY = date(2031, 3, 12)


@pytest.fixture
def sent(payday: Payday) -> tuple[PaymentBatch, list[str]]:
    batch = payday.released(payday.approved(), payday.approved(), payday.approved())
    return batch, payday.ids(batch)


def settled(payday: Payday) -> int:
    return int(payday.act(lambda ctx: ctx.session.scalar(select(func.count(Entry.id)).where(Entry.kind == "settle"))))


def words(fault: Invalid) -> list[str]:
    return [str(text) for text in fault.errors["file"]]


def test_unknown_doubled_and_other_amount_lines_are_named_and_nothing_is_done(payday: Payday, sent: Any) -> None:
    batch, (first, second, third) = sent
    data = returned(
        [
            (first, "成功", "R-1", "", "", "6333.28"),
            ("0" * 32, "成功", "R-2", "", "", "6333.28"),
            (second, "成功", "R-3", "", "", "6333.29"),
            (third, "成功", "R-4", "", "", ""),
        ],
        header="端到端编号,结果,银行流水号,原因,日期,金额(元)",
    )
    with pytest.raises(Invalid) as fault:
        payday.load(batch, data)
    assert fault.value.code == "return.lines"
    assert words(fault.value) == [
        f"第 3 行：端到端编号 {'0' * 32} 不属于本批次。",
        "第 4 行：金额 ¥6,333.29 与付款文件中的 ¥6,333.28 不符。",
    ]
    doubled = returned([(first, "成功", "R-1", "", ""), (first.lower(), "失败", "", "", "")])
    with pytest.raises(Invalid) as fault:
        payday.load(batch, doubled)
    assert words(fault.value) == [f"第 {n} 行：端到端编号 {first} 在文件中重复出现且内容不同。" for n in (2, 3)]
    assert settled(payday) == 0
    assert payday.fund().paid == 3 * SUBSIDY
    kinds = payday.act(lambda ctx: ctx.session.scalars(select(PaymentFile.kind)).all())
    assert list(kinds) == ["payment"]


def test_a_second_load_of_the_same_file_changes_nothing(payday: Payday, sent: Any) -> None:
    batch, (first, second, third) = sent
    data = returned([(first, "成功", "R-1", "", ""), (second, "失败", "", "账户已销户", "")])
    loaded = payday.load(batch, data)
    assert loaded.file.summary["paid"] == loaded.file.summary["failed"] == 1
    before = (settled(payday), payday.fund().seq, payday.fund().paid)
    assert before[2] == 2 * SUBSIDY
    again = payday.load(batch, data)
    assert again.repeated
    assert again.file.id == loaded.file.id
    assert (settled(payday), payday.fund().seq, payday.fund().paid) == before
    assert payday.see(PaymentBatch, batch.id).state is BatchState.SENT
    whole = returned(
        [(first, "成功", "R-1", "", ""), (second, "失败", "", "账户已销户", ""), (third, "成功", "R-9", "", "")]
    )
    last = payday.load(batch, whole)
    assert (last.file.summary["paid"], last.file.summary["known_before"]) == (1, 2)
    assert payday.see(PaymentBatch, batch.id).state is BatchState.DONE


def test_what_contradicts_a_known_outcome_is_refused(payday: Payday, sent: Any) -> None:
    batch, (first, second, _) = sent
    payday.load(batch, returned([(first, "成功", "R-1", "", ""), (second, "失败", "", "销户", "")]))
    for row in ((first, "失败", "", "退汇", ""), (first, "成功", "R-2", "", ""), (second, "处理中", "", "", "")):
        with pytest.raises(Invalid) as fault:
            payday.load(batch, returned([row]))
        assert fault.value.code == "return.lines"
    assert settled(payday) == 1


def test_a_line_that_stands_twice_counts_once(payday: Payday, sent: Any) -> None:
    batch, (first, second, _) = sent
    rows = [(first, "成功", "R-1", "", ""), (second, "失败", "", "销户", ""), (first.lower(), "成功", "R-1", "", "")]
    counts = payday.load(batch, returned(rows)).file.summary
    assert (counts["paid"], counts["failed"], len(counts["lines"])) == (1, 1, 2)
    assert settled(payday) == 1


def test_an_unknown_outcome_waits_for_the_banks_word(payday: Payday, sent: Any) -> None:
    batch, (first, _, _) = sent
    payday.load(batch, returned([(first, "处理中", "", "人工复核", "")]))
    state = select(PayoutAttempt.state).where(PayoutAttempt.end_to_end_id == first)
    assert payday.act(lambda ctx: ctx.session.scalar(state)) == "unknown"
    claim_id = payday.act(lambda ctx: ctx.session.scalars(select(Claim.id)).all())[0]
    assert payday.see(Claim, claim_id).state is ClaimState.APPROVED
    assert refused(lambda: payday.batch(payday.see_claim(claim_id))).code == "batch.claim_taken"
    payday.load(batch, returned([(first, "成功", "R-1", "", "")]))
    assert payday.act(lambda ctx: ctx.session.scalar(state)) == "confirmed"


def test_english_headers_and_a_spreadsheet_are_read_alike(payday: Payday, sent: Any) -> None:
    batch, (first, second, third) = sent
    payday.load(
        batch,
        returned([(first, "success", "R-1", "", "2031-03-19")], header="endToEndId,Result,Bank reference,Reason,Date"),
    )
    book = sheets.write_xlsx(
        {"回单": (["回单"], [["端到端编号", "结果", "银行流水号"], [second, "成功", "R-2"], [third, "成功", "R-3"]])}
    )
    payday.load(batch, book)
    assert payday.see(PaymentBatch, batch.id).state is BatchState.DONE


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "return.empty"),
        (b"\xef\xbb\xbf", "return.empty"),
        (b"\r\n\r\n", "return.empty"),
        (b"\x00\x01\x02\xff" * 50, "sheet.unreadable"),
        (b"PK\x03\x04not a zip", "sheet.unreadable"),
        (b"\x89PNG\r\n\x1a\n,,,\x81\x30", "sheet.unreadable"),
        (b"a,b\r\n1,2\r\n", "return.columns"),
        ("端到端编号,端到端编号,结果\r\n1,1,成功\r\n".encode(), "return.columns"),
        ("端到端编号,结果\r\n".encode(), "return.empty"),
        ("端到端编号,结果,银行流水号\r\n,成功,R\r\n".encode(), "return.lines"),
        ("端到端编号,结果,银行流水号\r\nA,也许,R\r\n".encode(), "return.lines"),
        ("端到端编号,结果,银行流水号\r\nA,成功,\r\n".encode(), "return.lines"),
        ("端到端编号,结果,银行流水号,日期\r\nA,成功,R,2999-01-01\r\n".encode(), "return.lines"),
        ("端到端编号,结果,银行流水号,日期\r\nA,成功,R,2031-02-30\r\n".encode(), "return.lines"),
        ("端到端编号,结果,银行流水号,金额\r\nA,成功,R,-1\r\n".encode(), "return.lines"),
        (b"x" * (sheets.MAX_BYTES + 1), "sheet.too_large"),
        ("端到端编号,结果\n".encode() + b"A,x\n" * (sheets.MAX_ROWS + 1), "sheet.too_long"),
        (b'"' + b"a" * 200_000, "sheet.unreadable"),
    ],
)
def test_hostile_files_are_refused(data: bytes, code: str) -> None:
    with pytest.raises(Refusal) as fault:
        bankfile.read(data, "回单.csv", TODAY)
    assert fault.value.code == code


def test_a_huge_file_full_of_faults_names_fifty_and_counts_the_rest() -> None:
    rows = [(f"{n:032d}", "也许", "R", "", "") for n in range(400)]
    with pytest.raises(Invalid) as fault:
        bankfile.read(returned(rows), "x.csv", TODAY)
    assert len(words(fault.value)) == bankfile.MAX_FAULTS + 1
    assert "350" in words(fault.value)[-1]


def test_hostile_files_leave_the_batch_as_it_was(payday: Payday, sent: Any) -> None:
    batch, _ = sent
    for data in (b"", b"\x00" * 100, b"x" * (sheets.MAX_BYTES + 1)):
        refused(lambda data=data: payday.load(batch, data))
    assert payday.see(PaymentBatch, batch.id).state is BatchState.SENT
    assert settled(payday) == 0


def test_an_answer_before_the_file_left_is_refused(payday: Payday) -> None:
    batch = payday.batch(payday.approved())
    assert refused(lambda: payday.load(batch, returned([("A", "成功", "R", "", "")]))).code == "settlement.not_sent"


@pytest.mark.parametrize("evil", ["=cmd|' /C calc'!A0", "+1+1", "-2", "@SUM(A1)", "\t=1", "\r=1", "a\n=1+1"])
def test_no_cell_of_the_payment_file_runs(evil: str) -> None:
    payment = Payment(evil, "6222", evil, "102", 123_456, evil, "E2E")
    data = bankfile.write([payment]).decode("utf-8-sig")
    [_, row] = data.removesuffix("\r\n").split("\r\n")
    cells = sheets.read(data.encode())[1]
    assert len(cells) == 8, row
    assert not set(row) & set("\n\r\t"), "one payment is one line"
    assert "1234.56" in cells
    assert all(not cell or cell[0] not in "=+-@\t\r" for cell in cells)


def test_words_of_outcomes() -> None:
    data = returned(
        [("a1", "成功", "'R-1", "", "2031年3月1日"), ("b2", " FAILED ", "", "x\ny".replace("\n", " "), "20310302")]
    )
    first, second = bankfile.read(data, "x.csv", TODAY)
    assert (first.end_to_end_id, first.outcome, first.reference, first.day) == (
        "A1",
        Outcome.PAID,
        "R-1",
        date(2031, 3, 1),
    )
    assert (second.outcome, second.day, second.reason) == (Outcome.FAILED, date(2031, 3, 2), "x y")
