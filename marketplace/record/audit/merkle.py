"""RFC 6962 Merkle trees over leaves that only ever grow. Standard library only: an offline verifier reads the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

SIZE = 32


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf: SHA-256(0x00 || data)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """A tree of which only the roots of its full subtrees are kept: as many as `size` has one bits."""

    def __init__(self, size: int = 0, roots: bytes = b""):
        if len(roots) != SIZE * size.bit_count():
            raise ValueError("the frontier does not fit the tree's size")
        self.size = size
        self._roots = [roots[i : i + SIZE] for i in range(0, len(roots), SIZE)]

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash."""
        size, root = self.size, leaf
        while size & 1:
            root = node_hash(self._roots.pop(), root)
            size >>= 1
        self._roots.append(root)
        self.size += 1

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add leaf hashes in order."""
        for leaf in leaves:
            self.append(leaf)

    def root(self) -> bytes:
        """The tree hash; of the empty tree the hash of nothing."""
        if not self._roots:
            return hashlib.sha256(b"").digest()
        root = self._roots[-1]
        for left in reversed(self._roots[:-1]):
            root = node_hash(left, root)
        return root

    def packed(self) -> bytes:
        """The subtree roots from left to right, for storing."""
        return b"".join(self._roots)

    def blocks(self) -> dict[tuple[int, int], bytes]:
        """(first leaf, end) of each full subtree → its root."""
        found, start = {}, 0
        widths = [1 << bit for bit in range(self.size.bit_length() - 1, -1, -1) if self.size >> bit & 1]
        for width, root in zip(widths, self._roots, strict=True):
            found[start, start + width] = root
            start += width
        return found


def path(before: Frontier, leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The audit path of leaf `index` in the tree of `before` plus `leaves`; `index` must be one of `leaves`."""
    if not before.size <= index < before.size + len(leaves):
        raise IndexError("the leaf is not among the new ones")
    known = before.blocks()

    def over(first: int, end: int) -> bytes:
        if (first, end) in known:
            return known[first, end]
        if end - first == 1:
            return leaves[first - before.size]
        middle = first + _split(end - first)
        return node_hash(over(first, middle), over(middle, end))

    steps: list[bytes] = []
    first, end = 0, before.size + len(leaves)
    while end - first > 1:
        middle = first + _split(end - first)
        if index < middle:
            steps.append(over(middle, end))
            end = middle
        else:
            steps.append(over(first, middle))
            first = middle
    return steps[::-1]


def proves(leaf: bytes, index: int, size: int, steps: Sequence[bytes], root: bytes) -> bool:
    """Whether an audit path leads from a leaf to the root of a tree of `size` leaves (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, value = index, size - 1, leaf
    for step in steps:
        if last == 0:
            return False
        if at & 1 or at == last:
            value = node_hash(step, value)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            value = node_hash(value, step)
        at, last = at >> 1, last >> 1
    return last == 0 and value == root


def _split(width: int) -> int:
    """The largest power of two below `width`."""
    return 1 << (width - 1).bit_length() - 1
