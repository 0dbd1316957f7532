"""Rule books: the numbers, categories, limits, periods and prohibited uses of one policy, each with its clause.

A book is a TOML file in this folder. `shelf` finds, reads and checks books, `model` says what a book holds, `shape`
turns tables into it, `references` checks what no single key can show, `lines` knows on which line a key stands.
Serves 二 to 六 of the notice.
"""
