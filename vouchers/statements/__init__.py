"""What a payee was paid and what it paid back, each under the bank's reference: the statement it books by."""
