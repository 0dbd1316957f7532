"""Recoveries: money that was paid wrongly is demanded back and comes in, part by part (六(二)).

One officer opens a recovery of a paid claim, with its ground, amount and reason; whoever was paid hears of it and may
answer within working days. Another officer then demands the money or drops the matter: with the demand the ledger posts
the clawback, and what comes in is booked into the fund with the bank's reference. What is late goes to the city.
"""
