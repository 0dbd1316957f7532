"""Invoices of orders, and the three-way match of contract, acceptance and invoice (notice 四(二): no double support).

The platform has no line to the tax authority: it checks form, arithmetic, parties, amount, window and duplicates,
records what the enterprise confirms, and says every result by its code. A held invoice says why.
"""
