"""The tree against an independent oracle: the recursive definition of RFC 6962, section 2.1, written down anew."""

from __future__ import annotations

import hashlib

import pytest

from marketplace.record.audit.merkle import Frontier, leaf_hash, path, proves


def oracle_root(data: list[bytes]) -> bytes:
    if not data:
        return hashlib.sha256().digest()
    if len(data) == 1:
        return hashlib.sha256(bytes([0]) + data[0]).digest()
    k = 1
    while k * 2 < len(data):
        k *= 2
    return hashlib.sha256(bytes([1]) + oracle_root(data[:k]) + oracle_root(data[k:])).digest()


def oracle_path(m: int, data: list[bytes]) -> list[bytes]:
    if len(data) == 1:
        return []
    k = 1
    while k * 2 < len(data):
        k *= 2
    if m < k:
        return [*oracle_path(m, data[:k]), oracle_root(data[k:])]
    return [*oracle_path(m - k, data[k:]), oracle_root(data[:k])]


DATA = [b"row %d" % i for i in range(70)]
LEAVES = [leaf_hash(d) for d in DATA]


def test_known_answer() -> None:
    """The test vectors that certificate-transparency implementations share."""
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    tree = Frontier()
    tree.extend(leaf_hash(bytes.fromhex(i)) for i in inputs)
    assert tree.root().hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    assert Frontier().root().hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("size", range(70))
def test_root_grown_leaf_by_leaf(size: int) -> None:
    tree = Frontier()
    tree.extend(LEAVES[:size])
    assert tree.root() == oracle_root(DATA[:size])
    again = Frontier(size, tree.packed())
    again.append(LEAVES[size])
    assert again.root() == oracle_root(DATA[: size + 1])


def test_every_path_of_every_split() -> None:
    """A path is made from the tree before the seal and the seal's own leaves alone: 34 sizes, every split of each."""
    checked = 0
    for size in range(1, 35):
        root = oracle_root(DATA[:size])
        for known in range(size):
            before = Frontier()
            before.extend(LEAVES[:known])
            for index in range(known, size):
                steps = path(before, LEAVES[known:size], index)
                assert steps == oracle_path(index, DATA[:size])
                assert proves(LEAVES[index], index, size, steps, root)
                checked += 1
    assert checked == 7140


def test_wrong_proofs_prove_nothing() -> None:
    before, size = Frontier(), 21
    root = oracle_root(DATA[:size])
    steps = path(before, LEAVES[:size], 9)
    assert proves(LEAVES[9], 9, size, steps, root)
    assert not proves(LEAVES[8], 9, size, steps, root)
    assert not proves(LEAVES[9], 8, size, steps, root)
    assert not proves(LEAVES[9], 9, size, steps[:-1], root)
    assert not proves(LEAVES[9], 9, size, [*steps, steps[0]], root)
    assert not proves(LEAVES[9], 9, size, steps, oracle_root(DATA[:20]))
    assert not proves(LEAVES[9], 21, size, steps, root)
    with pytest.raises(IndexError):
        path(before, LEAVES[:size], size)
    with pytest.raises(ValueError):
        Frontier(3, b"")
