"""Voucher schemes: under which terms a pilot helps, and how much an order gets (notice 三(二)2, 四(二)).

A scheme has versions; a published version never changes, and a voucher keeps the version it was issued under.
The subsidy of an order is computed in one fixed order of steps, and every step is kept and shown (`rules.compute`).
"""
