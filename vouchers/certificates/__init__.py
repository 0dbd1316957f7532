"""Confirmed payable: an approved claim's payee shows a bank, signed, what the fund owes it; the bank checks it online.

The paper says what was approved on the day of its issue. Whether that still stands, whether it is paid meanwhile, says
the public page alone.
"""
