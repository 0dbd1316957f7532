"""Where the programme runs: pilots, their members, their levels."""
