"""The end of a budget year and what was booked wrongly: proposed by one person, booked by another.

A pilot's lines are closed when their period is over, and carried over into a new one; the bank's interest is recorded
and goes to the treasury; money that is not needed is returned; a wrong entry is taken back by a correcting one, for
nothing in the ledger is ever changed.
"""
