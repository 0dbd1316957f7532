"""Public notice of an intended decision (公示, notice 五(三)), objections by anybody, and their rulings.

A notice runs for a number of working days after the day it begins; its last day is published and never moves. It is
cleared only after that day and with no open objection, and then the chapter of its subject may decide.
States: open, objected, cleared, stopped (an objection to the whole was upheld), withdrawn. Objections: open,
dismissed, upheld.
"""
