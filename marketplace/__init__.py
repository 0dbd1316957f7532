"""The host: who is here, which rules apply, what is on offer, what was ordered, was it delivered."""
