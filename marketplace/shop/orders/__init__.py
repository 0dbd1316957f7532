"""From an order to its confirmed delivery.

placed → accepted → contracted → delivered → confirmed; declined or cancelled before the contract; disputed by the
enterprise until it has confirmed ("this is not my order"), which freezes the money until the city has ruled: upheld
ends the order, dismissed puts it back where it stood. The enterprise's consent is recorded at the order, at the
delivery and at the invoice, each by its own account.
"""
