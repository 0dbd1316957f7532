"""The moment at which a voucher is redeemed: the enterprise shows a code that lives for a minute, the provider scans
or types it.

Whoever only scans a voucher learns that it is real; nothing is spent without the enterprise (四(二), 二(五)).
"""
