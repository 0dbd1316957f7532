"""Contracts of direct expenditure: platforms, services, training, paid by contract and not by voucher (四(二)).

One officer records a contract, another confirms it: only then is money of its category's line promised, as a commitment
of the ledger. What is delivered is accepted part by part, then invoiced, claimed and paid like voucher money. What is
not needed any more is recalled, with its reason.
"""
