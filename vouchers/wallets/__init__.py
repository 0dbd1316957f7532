"""Vouchers in people's hands: issued, seen, set aside by an order, redeemed by a confirmed delivery (notice 三(二)2).

The money itself moves in the ledger; this chapter decides when, under which scheme version, and shows it. Scanning a
QR never spends: a redemption needs the enterprise's confirmation on its own device, or the short-lived code it shows.
"""
