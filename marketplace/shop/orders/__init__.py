"""From an order to its confirmed delivery.

placed → accepted → contracted → delivered → confirmed; declined or cancelled before the contract; disputed by the
enterprise ("this is not my order") as long as its subsidy is not paid, which freezes the money until the city has
ruled: upheld ends the order and gives back what was set aside or redeemed, dismissed puts it back where it stood. The
enterprise's consent is recorded at the order, at the delivery and at the invoice, each by its own account.
"""
