"""Voucher schemes: under which terms a pilot helps, and how much an order gets (notice 三(二)2, 四(二)).

A scheme has versions; a published version never changes, and a voucher keeps the version it was issued under.
The subsidy of an order is computed by the evaluator of the rule books, from the terms written as such rules, and every
line of it is kept and shown (`rules.compute`).
"""
