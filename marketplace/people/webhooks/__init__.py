"""Webhooks: an organisation's own programs hear of what concerns it, signed, retried, listed and replayable."""
