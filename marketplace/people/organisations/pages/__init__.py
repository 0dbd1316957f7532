"""Pages: registering and confirming organisations, their history, bank accounts, ownership cases."""
