"""What is on offer, what was ordered, was it delivered."""
