"""What happened: audit, documents, jobs, notices."""
