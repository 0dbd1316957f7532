"""Applications to a call: the applicant's dossier, kept and reused, and what was submitted of it.

A submission freezes a copy of the dossier. It is possible from the first to the last second of the call's period, for
a confirmed organisation that promises the truth (六(二)). Nobody but the applicant sees an application before the call
is closed and the applications are opened.
States: draft, submitted, returned, qualified, unqualified, scored, proposed, selected, not_selected, withdrawn.
"""
