"""Verifies an evidence pack without the platform: Python's standard library, no network, nothing written.

    python verify.py                  the pack in whose folder this file lies
    python verify.py PACK.zip         a pack as it was handed over
    python verify.py PACK.zip --key HEX_OR_FILE --checkpoint FILE

`--key` names the public keys that may have sealed (hexadecimal, or a copy of /.well-known/voucher-keys.json);
`--checkpoint` a checkpoint that was kept from the platform's public page. Without them the pack is only compared with
itself, and the last lines say which key and checkpoint to compare by hand. Exit code 0: all holds. 1: it does not.
2: this is no pack.

What is recomputed: every file's SHA-256 and the signature over the list of them; every row's leaf and its audit path
to the root of a seal (RFC 6962); every seal's hash, signature and place in the chain up to the next checkpoint; every
checkpoint's signature; the chain of each voucher's entries, and the balances they add up to; and whether the sealed
record names the files on which the claim stands.
"""

from __future__ import annotations

import hashlib
import json
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

FORMAT = "voucher-marketplace/evidence/1"
MAX_FILES = 20_000
MAX_FILE = 1 << 30
MAX_TEXT = 256 << 20
"""Bytes of a file, and of one that is read as text, that are unpacked at most, whatever the archive says."""
MAX_LINE = 16 << 20
MAX_ALL = 4 << 30
CHUNK = 1 << 20
BALANCES = ("available", "reserved", "payable", "paid", "recalled", "clawed")


class NoPack(Exception):
    """What was given cannot be read as a pack."""


# ---- Ed25519 (RFC 8032), verification only

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)
_Point = tuple[int, int, int, int]


def _add(one: _Point, two: _Point) -> _Point:
    """Extended homogeneous coordinates (RFC 8032, 5.1.4)."""
    a = (one[1] - one[0]) * (two[1] - two[0]) % _P
    b = (one[1] + one[0]) * (two[1] + two[0]) % _P
    c = 2 * one[3] * two[3] * _D % _P
    d = 2 * one[2] * two[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(scalar: int, point: _Point) -> _Point:
    found: _Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            found = _add(found, point)
        point = _add(point, point)
        scalar >>= 1
    return found


def _point(data: bytes) -> _Point | None:
    """The point of 32 bytes; None where they are no point, or not its one way to be written."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= _P:
        return None
    u, v = (y * y - 1) % _P, (_D * y * y + 1) % _P
    x = u * pow(v, 3, _P) * pow(u * pow(v, 7, _P), (_P - 5) // 8, _P) % _P
    if v * x * x % _P != u:
        x = x * _ROOT % _P
    if v * x * x % _P != u or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = _P - x
    return x, y, 1, x * y % _P


def _bytes(point: _Point) -> bytes:
    inverse = pow(point[2], _P - 2, _P)
    x, y = point[0] * inverse % _P, point[1] * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


_BASE = _point((4 * pow(5, _P - 2, _P) % _P).to_bytes(32, "little"))


def signed(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether an Ed25519 signature fits; False for anything that is no key or signature."""
    if len(public_key) != 32 or len(signature) != 64:
        return False
    key, scalar = _point(public_key), int.from_bytes(signature[32:], "little")
    if key is None or scalar >= _L or _BASE is None:
        return False
    digest = hashlib.sha512(signature[:32] + public_key + message).digest()
    factor = int.from_bytes(digest, "little") % _L
    minus = (_P - key[0], key[1], key[2], _P - key[3])
    return _bytes(_add(_times(scalar, _BASE), _times(factor, minus))) == signature[:32]


# ---- the bytes that are hashed


def encoded(domain: str, name: str, values: dict[str, str]) -> bytes:
    """Canonical bytes of named values, each with a letter for its type and its length before it."""
    parts = [_prefixed(f"marketplace.{domain}.v1".encode()), _prefixed(name.encode())]
    for key in sorted(values):
        parts += [_prefixed(key.encode()), _prefixed(_plain(values[key]))]
    return b"".join(parts)


def _prefixed(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def _plain(value: str) -> bytes:
    """In the pack binary values are hexadecimal; all others stand as they are hashed."""
    return b"b" + bytes.fromhex(value[1:]) if value.startswith("b") else value.encode()


def leaf_of(table: str, values: dict[str, str]) -> bytes:
    return hashlib.sha256(b"\x00" + encoded("leaf", table, values)).digest()


def leads(leaf: bytes, index: int, size: int, steps: list[bytes], root: bytes) -> bool:
    """Whether an audit path leads from a leaf to the root of a tree (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, value = index, size - 1, leaf
    for step in steps:
        if last == 0:
            return False
        if at & 1 or at == last:
            value = hashlib.sha256(b"\x01" + step + value).digest()
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            value = hashlib.sha256(b"\x01" + value + step).digest()
        at, last = at >> 1, last >> 1
    return last == 0 and value == root


def _linked(tag: bytes, fields: Iterable[str | None], before: bytes) -> bytes:
    """The hash of one link in the chain of a commitment."""
    parts = [tag]
    for field in fields:
        data = None if field is None else _linked_value(field)
        parts += [b"\xff\xff\xff\xff"] if data is None else [len(data).to_bytes(4, "big"), data]
    return hashlib.sha256(b"".join([*parts, before])).digest()


def _linked_value(field: str) -> bytes:
    if field.startswith("b"):
        return bytes.fromhex(field[1:])
    return bytes.fromhex(field[1:].replace("-", "")) if field.startswith("u") else field[1:].encode()


# ---- reading a pack


class Pack:
    """The files of a pack, in a ZIP or a folder; nothing is ever written, and no name is taken for a path outside."""

    def __init__(self, place: Path):
        self.archive: zipfile.ZipFile | None = None
        self.folder = place
        self.left = MAX_ALL
        if place.is_dir():
            found = [path for path in place.rglob("*") if path.is_file() and not path.is_symlink()]
            self.sizes = {path.relative_to(place).as_posix(): path.stat().st_size for path in found}
        else:
            try:
                self.archive = zipfile.ZipFile(place)
            except (OSError, zipfile.BadZipFile) as fault:
                raise NoPack(f"{place.name} cannot be opened: {fault}") from None
            members = self.archive.infolist()
            self.sizes = {member.filename: member.file_size for member in members}
            if len(self.sizes) != len(members):
                raise NoPack("two files of the archive have one name")
        if len(self.sizes) > MAX_FILES:
            raise NoPack(f"more than {MAX_FILES} files")

    def chunks(self, name: str, limit: int = MAX_FILE) -> Iterator[bytes]:
        """The bytes of a file, a piece at a time, up to a limit that the archive cannot argue with."""
        if name not in self.sizes:
            raise NoPack(f"{name} is missing")
        try:
            with self.archive.open(name) if self.archive else (self.folder / name).open("rb") as file:
                while data := file.read(CHUNK):
                    limit, self.left = limit - len(data), self.left - len(data)
                    if limit < 0 or self.left < 0:
                        raise NoPack(f"{name} is too large")
                    yield data
        except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as fault:
            raise NoPack(f"{name} cannot be read: {fault}") from None

    def digest(self, name: str) -> str:
        found = hashlib.sha256()
        for data in self.chunks(name):
            found.update(data)
        return found.hexdigest()

    def data(self, name: str, limit: int = MAX_TEXT) -> bytes:
        return b"".join(self.chunks(name, limit))

    def json(self, name: str) -> Any:
        try:
            return json.loads(self.data(name))
        except (ValueError, RecursionError):
            raise NoPack(f"{name} is no JSON") from None

    def lines(self, name: str) -> Iterator[Any]:
        """The objects of a file with one in each line."""
        rest = b""
        for data in self.chunks(name, MAX_TEXT):
            *lines, rest = (rest + data).split(b"\n")
            if len(rest) > MAX_LINE:
                raise NoPack(f"{name} has a line that is too long")
            for line in lines:
                yield _object(name, line)
        if rest:
            yield _object(name, rest)


def _object(name: str, line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        raise NoPack(f"{name} has a line that is no JSON") from None


# ---- verifying


class Report:
    """What was looked at and what is wrong with it."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.faults: list[str] = []
        self.keys: set[str] = set()
        self.checkpoints: list[str] = []

    def fault(self, words: str) -> None:
        self.faults.append(words)

    @property
    def good(self) -> bool:
        return not self.faults


def verify(place: Path, keys: set[str] | None = None, kept: list[dict[str, Any]] | None = None) -> Report:
    """Recompute a pack. `keys` are the public keys (hexadecimal) that may have sealed; `kept` are checkpoints from
    outside the pack. Raises NoPack for what cannot be read at all."""
    pack, report = Pack(place), Report()
    try:
        manifest = _files(pack, report)
        seals = {int(seal["values"]["no"][1:]): seal for seal in pack.lines("seals.jsonl")}
        rows = list(pack.lines("rows.jsonl"))
        _rows(report, rows, seals)
        _seals(report, seals, {row["seal"] for row in rows})
        anchored = _checkpoints(report, pack.json("checkpoints.json"), seals, kept or [])
        _anchors(report, rows, seals, anchored)
        _chains(report, pack.json("chains.json"), rows)
        _papers(report, pack.json("papers.json"), pack.json("documents.json"), rows)
        report.said.insert(0, f"claim {manifest['claim']}, made {manifest['made_at']}")
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as fault:
        raise NoPack(f"not as a pack is made: {type(fault).__name__} {fault}"[:300]) from None
    for key in sorted(report.keys):
        if keys is not None and key not in keys:
            report.fault(f"the key {key_id(key)} is none of those that were given")
    return report


def key_id(key: str) -> str:
    """A short name of a public key: 16 hexadecimal characters of its SHA-256."""
    return hashlib.sha256(bytes.fromhex(key)).hexdigest()[:16]


def _files(pack: Pack, report: Report) -> dict[str, Any]:
    """The list of files, its signature, and every file against it."""
    data = pack.data("manifest.json")
    manifest: dict[str, Any] = pack.json("manifest.json")
    if manifest["format"] != FORMAT:
        raise NoPack(f"format {manifest['format']!r}: this verifier reads {FORMAT}")
    report.keys.add(manifest["public_key"])
    written = pack.data("manifest.sig", 1024).decode().strip()
    signature = bytes.fromhex(written)
    fits = signed(bytes.fromhex(manifest["public_key"]), signature, FORMAT.encode() + b"\n" + data)
    if not fits or written != signature.hex():
        report.fault("manifest.json: its signature does not fit")
    listed = dict(manifest["files"])
    for name in sorted(set(pack.sizes) - set(listed) - {"manifest.json", "manifest.sig"}):
        report.fault(f"{name}: not in the list of files")
    for name, digest in sorted(listed.items()):
        if name not in pack.sizes:
            report.fault(f"{name}: gone")
        elif pack.digest(name) != digest:
            report.fault(f"{name}: changed")
    report.said.append(f"{len(listed)} files compared with the signed list")
    return manifest


def _rows(report: Report, rows: list[dict[str, Any]], seals: dict[int, dict[str, Any]]) -> None:
    counts: dict[str, int] = {}
    for row in rows:
        name, seal = f"{row['table']} row {row['values']['id'][1:]}", seals.get(row["seal"])
        counts[row["table"]] = counts.get(row["table"], 0) + 1
        if seal is None or seal["values"]["source"] != "s" + row["table"]:
            report.fault(f"{name}: its seal {row['seal']} is not in the pack")
            continue
        steps = [bytes.fromhex(step) for step in row["path"]]
        size, root = int(seal["values"]["tree_size"][1:]), bytes.fromhex(seal["values"]["root"][1:])
        if not leads(leaf_of(row["table"], row["values"]), row["index"], size, steps, root):
            report.fault(f"{name}: not what seal {row['seal']} covers")
    told = ", ".join(f"{count} {table}" for table, count in sorted(counts.items()))
    report.said.append(f"{len(rows)} sealed rows lead to their seals ({told})")


def _seals(report: Report, seals: dict[int, dict[str, Any]], needed: set[int]) -> None:
    """Each seal's hash, the links between neighbours, and the signatures of those that cover rows."""
    for no, seal in sorted(seals.items()):
        digest = hashlib.sha256(encoded("seal", "seal", seal["values"])).digest()
        if digest.hex() != seal["hash"]:
            report.fault(f"seal {no}: its fields do not give its hash")
        before = seals.get(no - 1)
        if before is not None and seal["values"]["prev_hash"] != "b" + before["hash"]:
            report.fault(f"seal {no}: it does not follow the seal before it")
        if no in needed:
            key = seal["values"]["public_key"][1:]
            report.keys.add(key)
            if not signed(bytes.fromhex(key), bytes.fromhex(seal["signature"]), digest):
                report.fault(f"seal {no}: its signature does not fit")
    report.said.append(f"{len(seals)} seals follow each other, {len(needed)} signatures hold")


def _checkpoints(
    report: Report, own: list[dict[str, Any]], seals: dict[int, dict[str, Any]], kept: list[dict[str, Any]]
) -> dict[int, str]:
    """The seals that a checkpoint names, with its day."""
    anchored: dict[int, str] = {}
    days = {}
    for checkpoint in own:
        values, day = checkpoint["values"], checkpoint["values"]["day"][1:]
        data = encoded("checkpoint", "checkpoint", values)
        report.keys.add(checkpoint["public_key"])
        if not signed(bytes.fromhex(checkpoint["public_key"]), bytes.fromhex(checkpoint["signature"]), data):
            report.fault(f"checkpoint of {day}: its signature does not fit")
        no = int(values["seal_no"][1:])
        if no not in seals or "b" + seals[no]["hash"] != values["seal_hash"]:
            report.fault(f"checkpoint of {day}: it names another seal {no}")
        anchored[no] = day
        days[day] = values["seal_hash"][1:]
        report.checkpoints.append(f"{day} {values['seal_hash'][1:]}")
    for outside in kept:
        day = outside["day"]
        if day not in days:
            report.fault(f"the checkpoint of {day} that was given is none of this pack's")
        elif days[day] != outside["seal_hash"]:
            report.fault(f"the checkpoint of {day} that was given is another: the record was written anew")
    return anchored


def _anchors(
    report: Report, rows: list[dict[str, Any]], seals: dict[int, dict[str, Any]], anchored: dict[int, str]
) -> None:
    """How many rows stand under a checkpoint: from their seal the chain goes without a gap to one that it names."""
    reached: set[int] = set()
    held = False
    for no in sorted(seals, reverse=True):
        held = no in anchored or (held and no + 1 in seals)
        if held:
            reached.add(no)
    under = sum(row["seal"] in reached for row in rows)
    report.said.append(f"{under} of {len(rows)} rows stand under {len(anchored)} daily checkpoints")


def _chains(report: Report, chains: list[dict[str, Any]], rows: list[dict[str, Any]]) -> None:
    """The entries of each commitment: every hash follows from the one before, and they add up to its balances."""
    entries: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        if row["table"] == "entry":
            entries.setdefault(row["values"]["commitment_id"], []).append(row["values"])
    for chain in chains:
        own = sorted(entries.pop(chain["id"], []), key=lambda values: int(values["seq"][1:]))
        name, before = f"commitment {chain['id'][1:]}", _linked(b"voucher-marketplace/commitment/1", chain["seed"], b"")
        sums = dict.fromkeys(BALANCES, 0)
        for place, values in enumerate(own, 1):
            digest = _linked(b"voucher-marketplace/entry/1", [values.get(field) for field in chain["fields"]], before)
            if int(values["seq"][1:]) != place or values["prev_hash"] != "b" + before.hex():
                report.fault(f"{name}: entry {values['seq'][1:]} does not follow the one before it")
            if values["hash"] != "b" + digest.hex():
                report.fault(f"{name}: entry {values['seq'][1:]} does not give its hash")
            before, amount = bytes.fromhex(values["hash"][1:]), int(values["amount"][1:])
            for side, sign in (("src", -1), ("dst", 1)):
                if values[side][1:] in sums:
                    sums[values[side][1:]] += sign * amount
        if {key: int(value) for key, value in chain["balances"].items()} != sums or min(sums.values()) < 0:
            report.fault(f"{name}: its entries do not add up to its balances")
        told = ", ".join(f"{key} {_yuan(value)}" for key, value in sums.items() if value)
        report.said.append(f"{name}: {len(own)} entries linked; {told}")
    if entries:
        report.fault("entries of a commitment that the pack does not bring")


def _yuan(fen: int) -> str:
    return f"{fen // 100:,}.{fen % 100:02d}"


def _papers(
    report: Report, papers: list[dict[str, Any]], documents: list[dict[str, Any]], rows: list[dict[str, Any]]
) -> None:
    """The files on which the claim stands: in the pack, and named by the sealed record of the claim."""
    known = {document["sha256"] for document in documents}
    named: set[str] = set()
    for row in rows:
        if row["table"] == "audit_row" and row["values"].get("verb") in ("sclaim.submitted", "sclaim.corrected"):
            for paper in json.loads(row["values"]["facts"][1:]).get("papers", []):
                named.add(paper["file"] or paper["facts"])
    for paper in papers:
        digest = paper["document_sha256"] or paper["facts_sha256"]
        if paper["document_sha256"] and digest not in known:
            report.fault(f"{paper['kind']} of round {paper['round']}: its file is not in the pack")
        if digest not in named:
            report.fault(f"{paper['kind']} of round {paper['round']}: the sealed record names another paper")
    report.said.append(f"{len(papers)} papers are those that the sealed record names, {len(known)} files")


# ---- the command


def main(
    place: Path, keys: set[str] | None, kept: list[dict[str, Any]] | None, say: Callable[[str], Any] = print
) -> int:
    """Verify and say what was found. Gives the exit code."""
    try:
        report = verify(place, keys, kept)
    except NoPack as fault:
        say(f"no evidence pack: {fault}")
        return 2
    for words in report.said:
        say(words)
    for words in report.faults:
        say(f"FAULT {words}")
    for key in sorted(report.keys):
        known = "" if keys is None else " (given)" if key in keys else " (UNKNOWN)"
        say(f"sealed with key {key_id(key)} {key}{known}")
    for words in report.checkpoints[-3:]:
        say(f"checkpoint {words}")
    if keys is None and report.good:
        say("compare key and checkpoints with those that the platform publishes, or give --key and --checkpoint")
    say("the evidence holds" if report.good else f"the evidence does not hold: {len(report.faults)} faults")
    return 0 if report.good else 1


def read_keys(text: str) -> set[str]:
    """Public keys from hexadecimal, or from a file with hexadecimal or published JSON. ValueError for anything else."""
    try:
        path = Path(text)
        text = path.read_text(encoding="utf-8") if path.is_file() else text
    except OSError:
        pass
    found: set[str] = set()

    def look(value: Any) -> None:
        if isinstance(value, dict):
            for part in value.values():
                look(part)
        elif isinstance(value, list):
            for part in value:
                look(part)
        elif isinstance(value, str) and len(value) == 64:
            try:
                found.add(bytes.fromhex(value).hex())
            except ValueError:
                pass

    look(text.strip())
    if not found:
        try:
            look(json.loads(text))
        except (ValueError, RecursionError):
            pass
    if not found:
        raise ValueError("no public key of 64 hexadecimal characters")
    return found


def _arguments(given: list[str]) -> tuple[Path, set[str] | None, list[dict[str, Any]]]:
    place, keys, kept = Path(__file__).resolve().parent, None, []
    rest = iter(given)
    for word in rest:
        if word == "--key":
            keys = (keys or set()) | read_keys(next(rest))
        elif word == "--checkpoint":
            kept.append(json.loads(Path(next(rest)).read_text(encoding="utf-8")))
        elif word in ("-h", "--help"):
            print(__doc__)
            sys.exit(0)
        else:
            place = Path(word)
    return place, keys, kept


if __name__ == "__main__":
    try:
        arguments = _arguments(sys.argv[1:])
    except (OSError, ValueError, StopIteration) as fault:
        print(f"unusable: {fault}")
        sys.exit(2)
    sys.exit(main(*arguments))
