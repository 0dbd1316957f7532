"""What proves one claim to somebody who has no access: its papers, its money, its acts, and the seals over them.

The pack is a ZIP that brings its own verifier, `verifier.py`, which needs Python and nothing else.
"""
