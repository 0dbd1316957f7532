"""From order to confirmed delivery."""
