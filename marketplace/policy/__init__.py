"""Which rules apply: rule books as data, one engine that judges, cases of what was found, sanctions.

Serves the whole notice; the clauses that bind money, targets and acts stand in `books/jiangxi-2023.toml`.
"""
