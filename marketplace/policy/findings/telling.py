"""Findings in words."""

from __future__ import annotations

from marketplace.base.states import Labels
from marketplace.base.text import Text
from marketplace.policy.findings.models import Finding


def sentence(finding: Finding) -> Text:
    """What was seen, with its values, in the reader's language."""
    values = {k: Labels(v) if isinstance(v, list) else v for k, v in finding.evidence.items()}
    return Text(finding.template, values)
