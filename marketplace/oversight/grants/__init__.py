"""Lists of what other programmes granted: whoever got money there for the same project gets none here (四(二)).

A list is **active** from its import on, row by row as it came, until it is **withdrawn** with the reason. Its rows are
compared with the orders that are paid with vouchers, by credit code and by contract or project; what fits becomes a
finding that a person decides.
"""
