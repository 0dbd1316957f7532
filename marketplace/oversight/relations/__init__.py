"""Firms that belong together: the two sides of an order, and sign-ups that share a telephone or an address (二(四)).

What is compared was declared by the firms (shareholders) or stands in their file (legal representative, telephone,
address, accounts), with its history. No browser is recognised, and the network addresses that are kept for the safety
of sign-ins serve nothing else.
"""
