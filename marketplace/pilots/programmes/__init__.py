"""Programmes, batches, pilots, awards and tranches (notice 三, 四(一), 五)."""
