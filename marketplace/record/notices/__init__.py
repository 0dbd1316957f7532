"""What people are told: the inbox, and the outbox that speaks after commit."""
