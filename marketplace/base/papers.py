"""Documents that leave the house: pages that stand alone and PDF, from templates and plain data."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jinja2
import typst

_PACKAGE = Path(__file__).resolve().parent.parent
_FONTS = "pylopdf_fonts_zh_cn"
"""The package that carries Noto Sans SC (headings) and Noto Serif SC (text); it is never imported."""


def templates_folder() -> Path:
    """Templates beside the packages in a checkout, inside the package in an installed wheel."""
    inside = _PACKAGE / "_templates"
    return inside if inside.is_dir() else _PACKAGE.parent / "templates"


def page(template: str, **values: Any) -> str:
    """A page that needs nothing around it: no server, no other file. `template` is a path below ``papers/``."""
    return _pages().get_template(template).render(**values)


def pdf(template: str, data: Any) -> bytes:
    """A PDF/A-2b of a Typst template below ``papers/``, which finds `data` as JSON in ``sys.inputs.data``.

    Nothing in the data is read as markup, and the compiler reaches no file outside the folder of templates.
    """
    folder = templates_folder() / "papers"
    return bytes(
        typst.compile(
            folder / template,
            root=folder,
            font_paths=_font_paths(),
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
            pdf_standards=["a-2b"],
        )
    )


@lru_cache(maxsize=1)
def _font_paths() -> list[Path]:
    found = find_spec(_FONTS)
    if found is None or not found.submodule_search_locations:
        raise RuntimeError(f"the package {_FONTS} is not installed")
    return [Path(found.submodule_search_locations[0])]


@lru_cache(maxsize=1)
def _pages() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates_folder() / "papers"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
