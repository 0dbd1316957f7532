"""A claim's evidence is taken away and verified by a stranger's Python; whatever is changed in it is told."""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask

from marketplace.base.clock import SetClock
from marketplace.base.errors import Refusal
from marketplace.base.roles import Role
from marketplace.cli import Installation, cli
from marketplace.record.audit import sealing
from tests.support.html import PageClient
from tests.support.payday import Payday, build_payday, returned
from tests.support.people import OTHER_CITY, client_as, make_actor, sign_in, token_for
from tests.support.rest import Program
from vouchers.evidence import pack, verifier

Files = dict[str, bytes]


@pytest.fixture
def paid(app: Flask, clock: SetClock) -> tuple[Payday, Any]:
    """A claim that was paid yesterday: sealed, and the day closed by a checkpoint."""
    payday = build_payday(app, clock)
    claim = payday.approved()
    batch = payday.released(claim)
    [code] = payday.ids(batch)
    payday.load(batch, returned([(code, "成功", "B-1", "", payday.today.isoformat())]))
    payday.act(sealing.seal)
    clock.advance(days=1)
    payday.act(sealing.seal)
    return payday, claim


def made(payday: Payday, claim: Any) -> Files:
    out = io.BytesIO()
    payday.act(lambda ctx: pack.write(ctx, claim.id, out))
    with zipfile.ZipFile(out) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def whole(paid: tuple[Payday, Any]) -> Files:
    return made(*paid)


def zipped(files: Files, place: Path) -> Path:
    with zipfile.ZipFile(place, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return place


def said(files: Files, place: Path, **more: Any) -> tuple[int, str]:
    lines: list[str] = []
    code = verifier.main(
        zipped(files, place / "pack.zip"), more.get("keys"), more.get("kept"), lambda text: lines.append(str(text))
    )
    return code, "\n".join(lines)


def signed_anew(files: Files, key: Ed25519PrivateKey, **changes: bytes) -> Files:
    """What somebody who holds a key can make: changed files under a fitting list and signature."""
    new = {**files, **changes}
    manifest = json.loads(new["manifest.json"])
    manifest["public_key"] = key.public_key().public_bytes_raw().hex()
    manifest["files"] = {name: hashlib.sha256(new[name]).hexdigest() for name in manifest["files"]}
    new["manifest.json"] = json.dumps(manifest).encode()
    new["manifest.sig"] = key.sign(verifier.FORMAT.encode() + b"\n" + new["manifest.json"]).hex().encode()
    return new


def own_key(payday: Payday) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(payday.town.app.extensions["settings"].seal_key))


def test_a_strangers_python_verifies_it_with_nothing_else(whole: Files, tmp_path: Path) -> None:
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(zipped(whole, tmp_path / "p.zip")) as archive:
        archive.extractall(folder)
    run = subprocess.run(
        [sys.executable, "-I", "-S", "verify.py"], cwd=folder, env={"PATH": os.defpath}, capture_output=True, timeout=60
    )
    told = run.stdout.decode()
    assert run.returncode == 0, told + run.stderr.decode()
    assert "the evidence holds" in told and "paid 6,333.28" in told
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()) == sorted(whole)


def test_it_holds_what_the_claim_stands_on(paid: tuple[Payday, Any], whole: Files) -> None:
    story = json.loads(whole["story.json"])
    assert story["claim"]["state"] == "paid" and story["claim"]["approved"] == "6333.28"
    assert [step["step"] for step in story["order"]["consents"]] == ["order", "acceptance", "invoice"]
    assert [review["step"] for review in story["reviews"]] == ["pilot", "city"]
    assert story["payments"][0]["bank_reference"] == "B-1"
    assert any(name.startswith("book/jiangxi-2023") for name in whole)
    for document in json.loads(whole["documents.json"]):
        assert hashlib.sha256(whole[document["path"]]).hexdigest() == document["sha256"]
    kinds = {document["kind"] for document in json.loads(whole["documents.json"])}
    assert {"contract", "invoice"} <= kinds
    told = [json.loads(line)["values"]["verb"] for line in whole["rows.jsonl"].splitlines() if b'"verb"' in line]
    assert {"sclaim.submitted", "sclaim.paid", "sbatch.approved"} <= set(told)


def test_every_byte_of_every_file_counts(whole: Files, tmp_path: Path) -> None:
    dice = random.Random(7)
    for name, data in whole.items():
        place = dice.randrange(len(data))
        changed = data[:place] + bytes([data[place] ^ 0x20]) + data[place + 1 :]
        code, told = said({**whole, name: changed}, tmp_path)
        assert code in (1, 2) and "the evidence holds" not in told, name
        rest = {key: value for key, value in whole.items() if key != name}
        assert said(rest, tmp_path)[0] in (1, 2), f"{name} gone"
    assert said({**whole, "more.txt": b"x"}, tmp_path)[0] == 1
    assert said(whole, tmp_path)[0] == 0


def test_another_key_is_told_when_the_right_one_is_known(
    paid: tuple[Payday, Any], whole: Files, tmp_path: Path
) -> None:
    payday, _ = paid
    right = own_key(payday).public_key().public_bytes_raw().hex()
    assert said(whole, tmp_path, keys={right})[0] == 0
    forged = signed_anew(whole, Ed25519PrivateKey.generate())
    code, told = said(forged, tmp_path, keys={right})
    assert code == 1 and "none of those that were given" in told


def _rows(change: Callable[[dict[str, Any]], Any], table: str) -> Callable[[Files], Files]:
    """Change the last row of a table."""

    def run(files: Files) -> Files:
        rows = [json.loads(line) for line in files["rows.jsonl"].splitlines()]
        change([row for row in rows if row["table"] == table][-1])
        return {"rows.jsonl": b"\n".join(json.dumps(row, ensure_ascii=False).encode() for row in rows) + b"\n"}

    return run


def _json(name: str, change: Callable[[Any], Any]) -> Callable[[Files], Files]:
    def run(files: Files) -> Files:
        value = json.loads(files[name])
        change(value)
        return {name: json.dumps(value, ensure_ascii=False).encode()}

    return run


def _another_invoice(files: Files) -> Files:
    """The file is exchanged wherever the pack names it, but not in the sealed record."""
    document = next(d for d in json.loads(files["documents.json"]) if d["kind"] == "invoice")
    false = b"%PDF-1.4 another one"
    old, new = document["sha256"].encode(), hashlib.sha256(false).hexdigest().encode()
    return {
        document["path"]: false,
        "documents.json": files["documents.json"].replace(old, new),
        "papers.json": files["papers.json"].replace(old, new),
    }


INSIDER = {
    "an amount in the ledger": _rows(lambda row: row["values"].update(amount="i1"), "entry"),
    "a payment of the fund": _rows(lambda row: row["values"].update(amount="i1"), "fund_entry"),
    "who did it": _rows(lambda row: row["values"].update(person_id="u" + "0" * 8 + "-0000-0000-0000-" + "0" * 12), "audit_row"),
    "a row at another place": _rows(lambda row: row.update(index=row["index"] - 1), "audit_row"),
    "a movement left out": lambda files: {
        "rows.jsonl": b"\n".join(line for line in files["rows.jsonl"].splitlines() if b'"kind":"ssettle"' not in line) + b"\n"
    },
    "the balances": _json("chains.json", lambda chains: chains[0]["balances"].update(paid=1)),
    "the beginning of the chain": _json("chains.json", lambda chains: chains[0]["seed"].__setitem__(7, "i99")),
    "a checkpoint": _json("checkpoints.json", lambda own: own[0]["values"].update(seal_hash="b" + "00" * 32)),
    "the day of a checkpoint": _json("checkpoints.json", lambda own: own[0]["values"].update(day="d2031-01-01")),
    "another invoice": _another_invoice,
    "a seal": lambda files: {"seals.jsonl": files["seals.jsonl"].replace(b'"epoch":"i1"', b'"epoch":"i2"', 1)},
}  # fmt: skip


@pytest.mark.parametrize("how", INSIDER)
def test_not_even_the_keys_holder_changes_what_was_sealed(
    paid: tuple[Payday, Any], whole: Files, tmp_path: Path, how: str
) -> None:
    changed = INSIDER[how](whole)
    assert changed and all(whole[name] != data for name, data in changed.items()), "nothing was changed"
    code, told = said(signed_anew(whole, own_key(paid[0]), **changed), tmp_path)
    assert code == 1 and "FAULT" in told, told


def test_a_checkpoint_that_was_kept_tells_a_record_written_anew(
    paid: tuple[Payday, Any], whole: Files, tmp_path: Path
) -> None:
    payday, _ = paid
    visitor = payday.town.app.test_client()
    [own] = json.loads(whole["checkpoints.json"])
    kept = visitor.get(f"/checkpoints/{own['values']['day'][1:]}.json").get_json()
    assert said(whole, tmp_path, kept=[kept])[0] == 0
    assert said(whole, tmp_path, kept=[{**kept, "seal_hash": "11" * 32}])[0] == 1
    assert said(whole, tmp_path, kept=[{**kept, "day": "2030-01-01"}])[0] == 1


def test_what_is_not_sealed_yet_is_not_proved(app: Flask, clock: SetClock) -> None:
    payday = build_payday(app, clock)
    claim = payday.approved()
    with pytest.raises(Refusal) as fault:
        made(payday, claim)
    assert fault.value.code == "evidence.unsealed"
    payday.act(sealing.seal)
    assert made(payday, claim)


def _bomb(name: str, size: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(name, "w", force_zip64=True) as file:
        for _ in range(size >> 20):
            file.write(bytes(1 << 20))
    return out.getvalue()


def _twice() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive, pytest.warns(UserWarning):
        archive.writestr("manifest.json", b"{}")
        archive.writestr("manifest.json", b"{}")
    return out.getvalue()


def _one(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, data)
    return out.getvalue()


HOSTILE: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "no archive": lambda: b"PK\x03\x04 and no more",
    "a bomb": lambda: _bomb("manifest.json", 300 << 20),
    "a name twice": _twice,
    "no list": lambda: _one("../../outside.txt", b"x"),
    "deep": lambda: _one("manifest.json", b"[" * 100_000),
    "no object": lambda: _one("manifest.json", b"[]"),
    "another format": lambda: _one("manifest.json", b'{"format": "x", "public_key": "", "files": {}}'),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_packs_are_no_packs(tmp_path: Path, data: Callable[[], bytes]) -> None:
    place = tmp_path / "in" / "pack.zip"
    place.parent.mkdir()
    place.write_bytes(data())
    assert verifier.main(place, None, None, lambda text: None) == 2
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["pack.zip"]


def test_its_ed25519_agrees_with_a_library() -> None:
    dice = random.Random(20)
    for number in range(12):
        key = Ed25519PrivateKey.from_private_bytes(dice.randbytes(32))
        public, message = key.public_key().public_bytes_raw(), dice.randbytes(number * 37)
        good = key.sign(message)
        assert verifier.signed(public, good, message)
        assert not verifier.signed(public, good, message + b"!")
        for place in (dice.randrange(32), 32 + dice.randrange(32)):
            assert not verifier.signed(public, good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :], message)
        other = Ed25519PrivateKey.from_private_bytes(dice.randbytes(32)).public_key().public_bytes_raw()
        assert not verifier.signed(other, good, message)
        larger = int.from_bytes(good[32:], "little") + 2**252 + 27742317777372353535851937790883648493
        assert not verifier.signed(public, good[:32] + larger.to_bytes(32, "little"), message), "one way to write it"
    assert not verifier.signed(b"\xff" * 32, bytes(64), b"") and not verifier.signed(b"", b"", b"")


def test_the_words_of_rfc_8032() -> None:
    """Test 2 of section 7.1."""
    public = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    signature = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    assert verifier.signed(public, signature, b"\x72") and not verifier.signed(public, signature, b"\x73")


def test_the_auditor_takes_it_away_and_that_is_written_down(
    paid: tuple[Payday, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    payday, claim = paid
    app = payday.town.app
    monkeypatch.setattr(app, "test_client_class", PageClient)
    auditor, person = make_actor(payday.town.act, Role.AUDITOR, region=payday.town.pilot.city)
    client = sign_in(app.test_client(), person)
    address = f"/claims/{claim.id}/evidence.zip"
    assert address in client.get(f"/claims/{claim.id}").text
    answer = client.get(address, buffered=True)
    (tmp_path / "p.zip").write_bytes(answer.data)
    assert verifier.main(tmp_path / "p.zip", None, None, lambda text: None) == 0
    by_rest = Program(app, token_for(app, auditor)).send("GET", f"/claims/{claim.id}/evidence")
    assert by_rest.status_code == 200 and by_rest.mimetype == "application/zip"
    looks = client.get("/audit/looks").text
    assert "导出证据包" in looks
    assert sign_in(app.test_client(), payday.persons["provider"]).get(address).status_code == 403
    elsewhere = client_as(app, Role.AUDITOR, region=OTHER_CITY)
    assert elsewhere.get(address).status_code == 404


def test_the_commands(paid: tuple[Payday, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    payday, claim = paid
    monkeypatch.setattr(Installation, "app", lambda self: payday.town.app)

    def call(*words: str) -> tuple[int, str]:
        run = CliRunner().invoke(cli, ["evidence", *words])
        assert run.exception is None or isinstance(run.exception, SystemExit), run.exception
        return run.exit_code, run.output

    out = tmp_path / "p.zip"
    assert call("export", claim.form.number, "-o", str(out))[0] == 0
    assert call("export", str(claim.id), "-o", str(out)) == (2, f"{out} exists already; a pack never replaces a file\n")
    assert call("export", "C-UNKNOWN", "-o", str(tmp_path / "q.zip"))[0] == 2
    code, told = call("verify", str(out))
    assert code == 0 and "the evidence holds" in told
    published = tmp_path / "keys.json"
    published.write_bytes(payday.town.app.test_client().get("/.well-known/voucher-keys.json").data)
    assert call("verify", str(out), "--key", str(published))[0] == 0
    assert call("verify", str(out), "--key", "nonsense")[0] == 2
    assert call("verify", str(out), "--key", own_key(payday).public_key().public_bytes_raw().hex())[0] == 0
    assert call("verify", str(out), "--key", "11" * 32)[0] == 1
