"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import JOBS, House, Job
from marketplace.base.text import N_
from marketplace.record.audit.words import WORDS, Words
from marketplace.record.documents import actions, api, pages
from marketplace.record.documents.kinds import ALLOWED
from marketplace.record.documents.permissions import MATRIX
from marketplace.record.documents.storage import STORAGE, Folder
from marketplace.web import nav
from marketplace.web.parts import UPLOADS

ACTS = Words(
    kinds={
        "document": N_("文件材料"),
    },
    verbs={
        "document.stored": N_("存入文件"),
        "document.opened": N_("启封密封材料"),
    },
)


def wire(house: House) -> None:
    """Files lie in the data folder unless a later entry says otherwise."""
    house.matrix.add(MATRIX)
    house.add(WORDS, ACTS)
    house.add(STORAGE, Folder.of)
    house.add(JOBS, Job("documents.sweep", N_("清理未登记的文件"), actions.sweep, at="03:40"))
    for kind in ALLOWED:
        for ending in (kind.extension, *(kind.others if kind.media_type.startswith("image/") else ())):
            house.add(UPLOADS, f".{ending}")
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(nav.API_BLUEPRINTS, api.bp)
