"""Expert panels (notice 五(二)): a pool, a random draw free of conflicts, and blind scoring with reasons.

A panel has an odd number of at least five experts. Conflicts are derived from data (employer, legal representative,
employment within three years) and declared; either bars reading, and a substitute is drawn. An expert sees only the
candidates of its own panels, and never others' scores before the panel is closed. A score that is changed keeps the
earlier one. On closing, a candidate's result is the mean after dropping the highest and the lowest.
States of a panel: drawn, scoring, closed. Of a seat: drawn, clear, conflicted, excused.
"""
