"""What each dialect of an e-invoice says, from files made by hand; and hostile files, which say nothing, soon.

No file of a tax bureau is among them: none may be published. The tags are those that public programs read.
"""

from __future__ import annotations

import io
import time
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn
import pytest
import qrcode
import typst
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, NameObject

from tests.support.payday import refused
from vouchers.invoices import apart, einvoice, ofd, page, reading
from vouchers.invoices.said import Said

NUMBER, DAY = "24362000000012345678", date(2026, 5, 14)
BUYER, SELLER = "91350100M000100Y43", "91110000101623741K"
WHOLE = Said(NUMBER, DAY, 1_583_320, 96_680, 1_680_000, SELLER, BUYER)

TAX_BUREAU = f"""<?xml version="1.0" encoding="UTF-8"?>
<EInvoice><Header><EIid>{NUMBER}</EIid><InherentLabel><GeneralOrSpecialVAT><LabelCode>02</LabelCode>
<LabelName>普通发票</LabelName></GeneralOrSpecialVAT></InherentLabel></Header>
<EInvoiceData><SellerInformation><SellerIdNum>{SELLER}</SellerIdNum><SellerName>甲</SellerName></SellerInformation>
<BuyerInformation><BuyerIdNum>{BUYER}</BuyerIdNum><BuyerName>乙</BuyerName></BuyerInformation>
<BasicInformation><TotalAmWithoutTax>15833.20</TotalAmWithoutTax><TotalTaxAm>966.80</TotalTaxAm>
<TotalTax-includedAmount>16800.00</TotalTax-includedAmount><RequestTime>2026-05-14 10:00:00</RequestTime>
</BasicInformation><IssuItemInformation><Amount>1.00</Amount><TotaltaxIncludedAmount>1.06</TotaltaxIncludedAmount>
</IssuItemInformation></EInvoiceData><TaxSupervisionInfo><InvoiceNumber>{NUMBER}</InvoiceNumber>
<IssueTime>2026-05-15</IssueTime></TaxSupervisionInfo></EInvoice>"""
CHINESE = f"""<电子凭证><发票号码>{NUMBER}</发票号码><开票日期>2026年05月14日</开票日期>
<购买方统一社会信用代码>{BUYER}</购买方统一社会信用代码><销售方统一社会信用代码>{SELLER}</销售方统一社会信用代码>
<合计金额>15,833.20</合计金额><合计税额>966.80</合计税额><价税合计>16,800.00</价税合计></电子凭证>"""
PINYIN = f"""<business><FPHM>{NUMBER}</FPHM><KPRQ>20260514</KPRQ><GMFNSRSBH>{BUYER}</GMFNSRSBH>
<XSFNSRSBH>{SELLER}</XSFNSRSBH><HJJE>15833.20</HJJE><HJSE>966.80</HJSE><JSHJ>16800.00</JSHJ></business>"""
FP = f"""<fp:eInvoice xmlns:fp="http://example.org/fp"><fp:InvoiceNo>{NUMBER}</fp:InvoiceNo>
<fp:IssueDate>2026-05-14</fp:IssueDate><fp:Buyer><fp:BuyerTaxID>{BUYER}</fp:BuyerTaxID></fp:Buyer>
<fp:Seller><fp:SellerTaxID>{SELLER}</fp:SellerTaxID></fp:Seller>
<fp:TaxExclusiveTotalAmount>15833.20</fp:TaxExclusiveTotalAmount><fp:TaxTotalAmount>966.80</fp:TaxTotalAmount>
<fp:TaxInclusiveTotalAmount>16800.00</fp:TaxInclusiveTotalAmount></fp:eInvoice>"""
DIALECTS = {"tax_bureau": TAX_BUREAU, "chinese": CHINESE, "pinyin": PINYIN, "lower": PINYIN.lower(), "fp": FP}
DIALECTS["lower"] = DIALECTS["lower"].replace(BUYER.lower(), BUYER).replace(SELLER.lower(), SELLER)


def zipped(**members: Any) -> io.BytesIO:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("OFD.xml", members.pop("index", "<OFD/>"))
        for name, text in members.items():
            archive.writestr(f"Doc_0/{name.replace('__', '/')}.xml", text)
    buffer.seek(0)
    return buffer


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
def test_each_dialect_of_xml_alone_and_inside_an_ofd(dialect: str) -> None:
    text = DIALECTS[dialect]
    assert einvoice.read(io.BytesIO(text.encode())) == WHOLE
    assert ofd.read(zipped(Attachs__original_invoice=text)) == WHOLE
    assert ofd.read(zipped(Attachs__other=text, Pages__Content="<x/>")) == WHOLE


def test_an_ofd_that_names_its_values_itself() -> None:
    pairs = {
        "发票号码": NUMBER,
        "开票日期": "2026年05月14日",
        "购买方纳税人识别号": BUYER,
        "销售方纳税人识别号": SELLER,
        "合计金额": "15833.20",
        "合计税额": "966.80",
        "价税合计": "16800.00",
    }
    data = "".join(f'<ofd:CustomData Name="{name}">{value}</ofd:CustomData>' for name, value in pairs.items())
    index = f'<ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016"><ofd:DocBody>{data}</ofd:DocBody></ofd:OFD>'
    assert ofd.read(zipped(index=index)) == WHOLE


WORDS = f"""电子发票（普通发票）  发票号码：{NUMBER}
开票日期：2026年05月14日
购买方信息 统一社会信用代码/纳税人识别号：{BUYER}
销售方信息 统一社会信用代码/纳税人识别号：{SELLER}
合        计              ¥15833.20      ¥966.80
价税合计（大写）壹万陆仟捌佰圆整（小写）¥16800.00
银行账号 36001234567890123456"""


def test_the_words_of_a_page_and_the_description_before_them() -> None:
    said = page.read(WORDS, {})
    assert said is not None and said.guessed
    assert vars(said) == {**vars(WHOLE), "guessed": True}
    info = {"/InvoiceNumber": NUMBER, "/TotalTax-includedAmount": "16800.01", "/SellerIdNum": SELLER}
    told = page.read(WORDS, info)
    assert told is not None and told.gross_fen == 1_680_001, "what the file names goes before what is read by position"
    assert page.read("发票", {}) is None and page.read("账号 " + NUMBER + " " + NUMBER[::-1], {}) is None
    assert (
        refused(lambda: page.read(f"发票号码:{NUMBER} 发票号码:{NUMBER[::-1]}", {})).code == "invoice.several_in_file"
    )


def test_a_red_letter_invoice_is_told_by_sign_or_remark() -> None:
    negative = einvoice.read(io.BytesIO(PINYIN.replace("<JSHJ>", "<JSHJ>-").encode()))
    remark = einvoice.read(
        io.BytesIO(TAX_BUREAU.replace("</EInvoice>", "<Remark>被红冲蓝字数电发票号码：1</Remark></EInvoice>").encode())
    )
    words = page.read(WORDS + "\n被红冲蓝字数电发票号码：" + NUMBER[::-1], {})
    assert negative and negative.red and remark and remark.red and words and words.red
    assert words.number == NUMBER
    assert reading.qr(f"01,32,,{NUMBER},-16800.00,20260514,,1DD6").red


def test_a_pdf_is_read_with_its_words_and_its_code() -> None:
    fonts = [Path(pylopdf_fonts_zh_cn.__file__).parent]
    data = typst.compile(f'#set text(font: "Noto Sans SC")\n{WORDS}'.encode(), font_paths=fonts)
    said = reading.file(io.BytesIO(data), "application/pdf")
    assert said is not None and vars(said) == {**vars(WHOLE), "guessed": True}


def photograph(payload: str, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    qrcode.make(payload).convert("RGB").rotate(7, expand=True, fillcolor="white").save(buffer, format=kind)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_photograph_of_the_code(kind: str) -> None:
    payload = f"01,32,,{NUMBER},16800.00,20260514,,1DD6,"
    assert reading.photograph(io.BytesIO(photograph(payload, kind))) == payload
    assert reading.photograph(io.BytesIO(b"%PDF-1.4")) is None
    wrong = photograph("https://example.com", kind)
    assert refused(lambda: reading.photograph(io.BytesIO(wrong))).code == "invoice.no_code"


BILLION = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
HOSTILE = {
    "entities": f'<!DOCTYPE x [<!ENTITY a0 "ha">{BILLION}]><x><FPHM>&a9;</FPHM></x>'.encode(),
    "external": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x><FPHM>&a;</FPHM></x>',
    "parameter": b'<!DOCTYPE x [<!ENTITY % a SYSTEM "http://127.0.0.1/x">%a;]><x><FPHM>1</FPHM></x>',
    "deep": b"<a>" * 100_000 + b"</a>" * 100_000,
    "many": b"<x>" + b"<FPHM/>" * 200_000 + b"</x>",
    "long": b"<x><FPHM>1</FPHM>" + b" " * (einvoice.MAX_BYTES + 1) + b"</x>",
    "truncated": TAX_BUREAU.encode()[:-40],
    "encoding": b'<?xml version="1.0" encoding="no-such"?><x/>',
    "picture": b"\x89PNG\r\n\x1a\n" + b"0" * 100,
    "nothing": b"",
}


@pytest.mark.parametrize("what", sorted(HOSTILE))
def test_hostile_xml_says_nothing_soon(what: str) -> None:
    began = time.monotonic()
    assert einvoice.read(io.BytesIO(HOSTILE[what])) is None
    assert ofd.read(zipped(Attachs__original_invoice=HOSTILE[what])) is None
    assert time.monotonic() - began < 5


def test_hostile_archives_say_nothing_soon() -> None:
    began = time.monotonic()
    bomb = zipped(Attachs__original_invoice=b"<x>" + b" " * (200 << 20))
    assert len(bomb.getvalue()) < 1 << 20, "two hundred megabytes in less than one"
    assert ofd.read(bomb) is None
    lying = bytearray(bomb.getvalue())
    for place in range(len(lying) - 4):  # the sizes in the archive say that it is small
        if lying[place : place + 4] == (200 * 1024 * 1024 + 3).to_bytes(4, "little"):
            lying[place : place + 4] = (100).to_bytes(4, "little")
    assert ofd.read(io.BytesIO(bytes(lying))) is None
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as archive:
        for number in range(ofd.MAX_MEMBERS + 1):
            archive.writestr(f"{number}", b"")
    assert ofd.read(many) is None
    whole = zipped(Attachs__original_invoice=TAX_BUREAU).getvalue()
    assert ofd.read(io.BytesIO(whole[: len(whole) // 2])) is None and ofd.read(io.BytesIO(b"PK\x03\x04")) is None
    assert ofd.read(zipped(index="<x/>" + " " * (ofd.MAX_INDEX + 1))) is None
    assert time.monotonic() - began < 10


def test_numbers_beyond_all_bounds_say_nothing() -> None:
    for text in ("9" * 400, "1e999", "NaN", "0x10", "1.234", "--1", "∞", "-"):
        said = einvoice.read(io.BytesIO(f"<x><FPHM>{NUMBER}</FPHM><JSHJ>{text}</JSHJ></x>".encode()))
        assert said is not None and said.gross_fen is None
    for text in ("9999-99-99", "2026-02-30", "0", "今天"):
        said = einvoice.read(io.BytesIO(f"<x><FPHM>{NUMBER}</FPHM><KPRQ>{text}</KPRQ></x>".encode()))
        assert said is not None and said.issued_on is None


def huge_page() -> bytes:
    """A page whose content unpacks to many millions of operators."""
    writer = PdfWriter()
    made = writer.add_blank_page(10_000_000, 10_000_000)
    stream = DecodedStreamObject()
    stream.set_data(b"BT (x) Tj ET\n" * 3_000_000)
    made[NameObject("/Contents")] = writer._add_object(stream.flate_encode())
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_hostile_pages_and_pictures_end_with_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "SECONDS", 2)
    monkeypatch.setattr(apart, "_WAITING", 4)
    bomb = (
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (60_000).to_bytes(4, "big") * 2 + b"\x08\x06\x00\x00\x00" + b"0" * 99
    )
    began = time.monotonic()
    for data in (huge_page(), bomb, b"%PDF-1.7\n/Page " + b"\x00" * 1000, b"%PDF-", b"\xff\xd8\xff" + b"x" * 1000):
        assert apart.look(data) == apart.Seen()
    assert apart.look(b"%PDF-/Page" + b"0" * apart.MAX_BYTES) == apart.Seen()
    assert time.monotonic() - began < 25
