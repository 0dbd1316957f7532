"""Opening entries: what a pilot promised and paid before it came to the platform, imported from its spending sheet.

One person uploads the sheet and submits it with a note, another releases it or sends it back (四(一), 四(二)): draft →
submitted → released, or returned → submitted again, or withdrawn. A release posts real commitments and payments.
"""
