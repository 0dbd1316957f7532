"""From an order to its confirmed delivery.

placed → accepted → contracted → delivered → confirmed; declined or cancelled before the contract; disputed by the
enterprise at any time ("this is not my order"), which freezes the money and opens a case. The enterprise's consent
is recorded at the order, at the delivery and at the invoice, each by its own account.
"""
