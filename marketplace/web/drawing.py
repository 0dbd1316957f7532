"""The drawings behind charts: pixels in, a clean SVG out. Vega-Lite draws; nothing of its style reaches the page.

Every position is set here rather than measured from a font, so that the same data give the same picture on every
machine. Colours leave as classes of the stylesheet, so that one picture serves day, night, high contrast and paper.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import structlog
from defusedxml.ElementTree import fromstring

log = structlog.get_logger(__name__)

WIDE, NARROW = 680, 340
"""The two widths in which a chart is drawn; the stylesheet shows the one that fits."""
KEPT = 256
"""So many pictures stay in memory, about 10 kB each."""
TONES = ("paid", "reserved", "payable", "available", "gone")
"""Series take these tones in turn; they are the tones of a voucher's parts."""
_LINES = ("ok", "info", "warn", "ink-2", "bad")
_SHAPES = ("circle", "square", "triangle-up", "diamond", "cross")
_DASHES = ((), (7, 4), (2, 3), (10, 3, 2, 3), (4, 2))
_VEGA_LITE = "6.4"
_SIZE, _SMALL = 13, 12

# What the specification calls a colour leaves the picture as a class: `fill="#00f001"` becomes `class="chart-ink"`.
_PAINTS = ("ink", "ink-2", "ink-3", "line", "edge", "brand", "ok", "warn", "bad", "info", "gone")
_CODES = {name: f"#00f0{i:02x}" for i, name in enumerate(_PAINTS)}
_PATTERNED = {tone: f"#00f1{i:02x}" for i, tone in enumerate(TONES)}
_NAMES = {code: name for name, code in _CODES.items()}
_PATTERNS = {code: tone for tone, code in _PATTERNED.items()}
# Marks over the ground of a tone; `available` has none: it is what is left.
_HATCHES = {
    "paid": "",
    "reserved": '<path class="chart-hatch" d="M-2 2l4 -4M0 8l8 -8M6 10l4 -4"/>',
    "payable": '<path class="chart-hatch" d="M0 2h8M0 6h8"/>',
    "available": "",
    "gone": '<path class="chart-hatch" d="M0 0l8 8M0 8l8 -8"/>',
}
_KEPT_ATTRIBUTES = frozenset(
    {"transform", "d", "x", "y", "x2", "y2", "text-anchor", "font-size", "font-weight", "stroke-width"}
    | {"stroke-dasharray"}
)
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}(?:e-?\d+)?|-?\d+e-\d+")


def width_of(text: str, size: int = _SIZE) -> float:
    """About how wide a text is: Chinese and pictograms are square, the rest a little over half of that."""
    units = 0.0
    for character in text:
        if unicodedata.combining(character) or character in "\u200d\ufe0f":
            continue
        units += 1 if unicodedata.east_asian_width(character) in "WF" else 0.6
    return units * size


def fitted(text: str, room: float, size: int = _SIZE) -> str:
    """The text, or as much of it as fits with an ellipsis; the whole stands in the table."""
    if width_of(text, size) <= room:
        return text
    while text and width_of(text, size) + size > room:
        text = text[:-1]
        while text and (unicodedata.combining(text[-1]) or text[-1] in "\u200d\ufe0f"):
            text = text[:-1]
    return text.rstrip() + "…"


# ---------------------------------------------------------------- kinds


def _bounds(values: Sequence[int]) -> tuple[float, float]:
    low, high = min([0, *values]), max([0, *values])
    return float(low), float(high if high > low else low + 1)


def _pixel(name: str) -> dict[str, Any]:
    """A position given in pixels."""
    return {"field": name, "type": "quantitative", "scale": None, "axis": None}


def _along(name: str, bounds: tuple[float, float], reach: tuple[float, float]) -> dict[str, Any]:
    """A position given as a value, which the scale places."""
    scale = {"domain": list(bounds), "range": list(reach), "nice": False, "zero": False}
    return {"field": name, "type": "quantitative", "scale": scale, "axis": None}


def _spec(width: int, height: float, layers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "width": width,
        "height": round(height),
        "padding": 0,
        "autosize": {"type": "none"},
        "background": None,
        "view": {"stroke": None, "fill": None},
        "config": {"aria": False, "customFormatTypes": False},
        "layer": list(layers),
    }


def _words(rows: list[dict[str, Any]], align: str, *, small: bool = False, paint: str = "ink") -> dict[str, Any]:
    """Texts at pixels: {x, y, say}."""
    mark = {"type": "text", "align": align, "baseline": "alphabetic", "fill": _CODES[paint]}
    return {
        "data": {"values": rows},
        "mark": {**mark, "fontSize": _SMALL if small else _SIZE},
        "encoding": {"x": _pixel("x"), "y": _pixel("y"), "text": {"field": "say", "type": "nominal"}},
    }


def _boxes(rows: list[dict[str, Any]], x: Mapping[str, Any], **mark: Any) -> dict[str, Any]:
    """Rectangles {from, to, top, foot, paint}."""
    return {
        "data": {"values": rows},
        "mark": {"type": "rect", **mark},
        "encoding": {
            "x": {**x, "field": "from"},
            "x2": {"field": "to"},
            "y": _pixel("top"),
            "y2": {"field": "foot"},
            "fill": {"field": "paint", "type": "nominal", "scale": None},
        },
    }


def _rules(rows: list[dict[str, Any]], x: Mapping[str, Any], paint: str, thick: float = 1) -> dict[str, Any]:
    """Upright lines {at, top, foot}."""
    return {
        "data": {"values": rows},
        "mark": {"type": "rule", "stroke": _CODES[paint], "strokeWidth": thick},
        "encoding": {"x": {**x, "field": "at"}, "y": _pixel("top"), "y2": {"field": "foot"}},
    }


def _label_row(label: str, value: str, top: float, width: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """A label on the left and its value on the right of one line above a bar."""
    room = width - width_of(value) - 16
    left = {"x": 0, "y": top + _SIZE, "say": fitted(label, room)}
    return left, {"x": width, "y": top + _SIZE, "say": value}


def bars(rows: Sequence[tuple[str, int, str]], width: int) -> dict[str, Any]:
    """Bars of (label, value, value in words), one below the other."""
    step, thick = 46, 14
    bounds = _bounds([value for _label, value, _words in rows])
    x = _along("from", bounds, (0, width))
    lefts, rights, boxes, zeros = [], [], [], []
    for i, (label, value, words) in enumerate(rows):
        top = i * step
        left, right = _label_row(label, words, top, width)
        lefts.append(left)
        rights.append(right)
        foot = {"top": top + 20, "foot": top + 20 + thick}
        boxes.append({"from": 0, "to": float(value), "paint": _CODES["info" if value >= 0 else "bad"], **foot})
        zeros.append({"at": 0, "top": top + 17, "foot": top + 23 + thick})
    layers = [_boxes(boxes, x), _rules(zeros, x, "edge"), _words(lefts, "left"), _words(rights, "right")]
    return _spec(width, len(rows) * step - 8, layers)


def _legend(names: Sequence[str], width: int) -> tuple[list[tuple[float, float, str]], float]:
    """Where each name of a legend begins, its line's foot, what of it fits; and the height of the whole."""
    x, y, placed = 0.0, 14.0, []
    for name in names:
        name = fitted(name, width - 26, _SMALL)
        need = 20 + width_of(name, _SMALL) + 18
        if x and x + need - 18 > width:
            x, y = 0.0, y + 21
        placed.append((x, y, name))
        x += need
    return placed, y + 12


def stacked(
    names: Sequence[str],
    rows: Sequence[tuple[str, Sequence[int], str]],
    tones: Sequence[str],
    brief: Callable[[int], str],
    width: int,
) -> dict[str, Any]:
    """Bars of (label, values of the parts, sum in words) with a legend; a part that has room says its value."""
    legend, head = _legend(names, width)
    step, thick = 62, 18
    ends = [(sum(v for v in values if v < 0), sum(v for v in values if v > 0)) for _label, values, _words in rows]
    bounds = _bounds([end for pair in ends for end in pair])
    x = _along("from", bounds, (0, width))
    scale = width / (bounds[1] - bounds[0])
    lefts, rights, boxes, unders, zeros = [], [], [], [], []
    for i, (label, values, total) in enumerate(rows):
        top = head + i * step
        left, right = _label_row(label, total, top, width)
        lefts.append(left)
        rights.append(right)
        plus = minus = 0
        for value, tone in zip(values, tones, strict=False):
            if not value:
                continue
            start, end = (plus, plus + value) if value > 0 else (minus, minus + value)
            plus, minus = (end, minus) if value > 0 else (plus, end)
            span = {"top": top + 20, "foot": top + 20 + thick}
            boxes.append({"from": float(start), "to": float(end), "paint": _PATTERNED[tone], **span})
            words = brief(value)
            if abs(value) * scale > width_of(words, _SMALL) + 8:
                middle = ((start + end) / 2 - bounds[0]) * scale
                unders.append({"x": round(middle, 2), "y": top + 20 + thick + 15, "say": words})
        zeros.append({"at": 0, "top": top + 17, "foot": top + 23 + thick})
    keys = [
        {"from": at, "to": at + 14, "top": foot - 11, "foot": foot + 3, "paint": _PATTERNED[tone]}
        for (at, foot, _name), tone in zip(legend, tones, strict=False)
    ]
    naming = [{"x": at + 20, "y": foot, "say": name} for at, foot, name in legend]
    edge = {"stroke": _CODES["edge"], "strokeWidth": 1}
    layers = [
        _boxes(keys, _pixel("from"), **edge),
        _words(naming, "left", small=True, paint="ink-2"),
        _boxes(boxes, x, **edge),
        _rules(zeros, x, "edge"),
        _words(lefts, "left"),
        _words(rights, "right"),
        _words(unders, "center", small=True, paint="ink-2"),
    ]
    return _spec(width, head + len(rows) * step - 6, layers)


@dataclass(frozen=True)
class Row:
    """A share against its limit, in basis points, with what is said of it."""

    label: str
    actual: int
    limit: int
    numbers: str
    verdict: str
    paint: str


def shares(rows: Sequence[Row], width: int) -> dict[str, Any]:
    """A bar on a track of at least 100 % for each share, with a tick at its limit."""
    wide = width == WIDE
    step, thick = (48, 12) if wide else (66, 12)
    most = max(10_000, *(max(row.actual, row.limit) for row in rows))
    x = _along("from", (0.0, float(most)), (0, width))
    lefts, rights, unders, tracks, boxes, ticks = [], [], [], [], [], []
    for i, row in enumerate(rows):
        top = i * step
        left, right = _label_row(row.label, f"{row.numbers} · {row.verdict}" if wide else row.verdict, top, width)
        lefts.append(left)
        rights.append(right)
        if not wide:
            unders.append({"x": 0, "y": top + 34, "say": row.numbers})
        bar = top + (22 if wide else 42)
        span = {"top": bar, "foot": bar + thick}
        tracks.append({"from": 0, "to": float(most), "paint": _CODES["line"], **span})
        if row.actual > 0:
            boxes.append({"from": 0, "to": float(row.actual), "paint": _CODES[row.paint], **span})
        ticks.append({"at": float(row.limit), "top": bar - 4, "foot": bar + thick + 4})
    layers = [
        _boxes(tracks, x),
        _boxes(boxes, x),
        _rules(ticks, x, "ink", 2),
        _words(lefts, "left"),
        _words(rights, "right"),
        _words(unders, "left", small=True, paint="ink-2"),
    ]
    return _spec(width, len(rows) * step - 6, [layer for layer in layers if layer["data"]["values"]])


def line(
    days: Sequence[date],
    lines: Sequence[tuple[str, Sequence[int | None]]],
    limit: tuple[str, int] | None,
    brief: Callable[[int], str],
    width: int,
) -> dict[str, Any]:
    """Lines of (name, values) over days, a gap where a value is None; `limit` is (words, value) across."""
    values = [v for _name, series in lines for v in series if v is not None]
    ticks = _ticks(min([0, *values]), max([*values, *([limit[1]] if limit else []), 0]))
    bounds = (float(ticks[0]), float(ticks[-1]))
    shown = [brief(tick) for tick in ticks]
    legend, head = _legend([name for name, _series in lines], width) if len(lines) > 1 else ([], 0.0)
    top, plot = head + 12, 200 if width == WIDE else 180
    left = 8 + max(width_of(word, _SMALL) for word in shown)
    right = width - 14.0
    first, last = days[0].toordinal(), max(day.toordinal() for day in days)
    reach = (first, last) if last > first else (first - 1, first + 1)
    x = _along("day", (float(reach[0]), float(reach[1])), (left, right))
    y = _along("value", bounds, (top + plot, top))
    scale = plot / (bounds[1] - bounds[0])
    heights = [top + plot - (t - bounds[0]) * scale for t in ticks]
    grid = {
        "data": {"values": [{"y": round(h, 2), "x": left, "to": right} for h in heights]},
        "mark": {"type": "rule", "stroke": _CODES["line"], "strokeWidth": 1},
        "encoding": {"x": _pixel("x"), "x2": {"field": "to"}, "y": _pixel("y")},
    }
    at = [{"x": left - 8, "y": round(h, 2) + 4, "say": word} for h, word in zip(heights, shown, strict=True)]
    layers: list[dict[str, Any]] = [grid, _words(at, "right", small=True, paint="ink-2")]
    for align, dates in _dates(days, left, right):
        layers.append(_words([{**d, "y": top + plot + 20} for d in dates], align, small=True, paint="ink-2"))
    if limit:
        height = round(top + plot - (limit[1] - bounds[0]) * scale, 2)
        words = fitted(limit[0], right - left, _SMALL)
        rule = {**grid, "data": {"values": [{"y": height, "x": left, "to": right}]}}
        rule["mark"] = {"type": "rule", "stroke": _CODES["ink"], "strokeWidth": 1.5, "strokeDash": [6, 4]}
        layers += [rule, _words([{"x": right, "y": height - 6, "say": words}], "right", small=True)]
    for i, (_name, series) in enumerate(lines):
        layers += _series(days, series, i, x, y)
    for i, (start, foot, _name) in enumerate(legend):
        layers += _key(i, start, foot)
    naming = [{"x": start + 28, "y": foot, "say": name} for start, foot, name in legend]
    if naming:
        layers.append(_words(naming, "left", small=True, paint="ink-2"))
    return _spec(width, top + plot + 28, layers)


def _series(days: Sequence[date], values: Sequence[int | None], i: int, x: Any, y: Any) -> list[dict[str, Any]]:
    """A line in pieces where values lack, and a mark at each value while they are few."""
    data = [{"day": d.toordinal(), "value": None if v is None else float(v)} for d, v in zip(days, values, strict=True)]
    runs: list[list[dict[str, Any]]] = [[]]
    for point in data:
        if point["value"] is None:
            runs.append([])
        else:
            runs[-1].append(point)
    stroke = {"stroke": _CODES[_LINES[i]], "strokeWidth": 2.5, "strokeDash": list(_DASHES[i])}
    places = {"x": x, "y": y, "order": {"field": "day"}}
    drawn: list[dict[str, Any]] = [
        {"data": {"values": run}, "mark": {"type": "line", **stroke}, "encoding": places}
        for run in runs
        if len(run) > 1
    ]
    points = [p for run in runs for p in run]
    if len(points) <= 24:
        drawn.append({"data": {"values": points}, "mark": _point(i), "encoding": {"x": x, "y": y}})
    return drawn


def _point(i: int) -> dict[str, Any]:
    paint = _CODES[_LINES[i]]
    return {"type": "point", "shape": _SHAPES[i], "size": 56, "filled": True, "fill": paint, "opacity": 1}


def _key(i: int, start: float, foot: float) -> list[dict[str, Any]]:
    """The sample of a line in the legend."""
    rule = {"type": "rule", "stroke": _CODES[_LINES[i]], "strokeWidth": 2.5, "strokeDash": list(_DASHES[i])}
    place = {"values": [{"x": start, "to": start + 22, "mid": start + 11, "y": foot - 4}]}
    return [
        {"data": place, "mark": rule, "encoding": {"x": _pixel("x"), "x2": {"field": "to"}, "y": _pixel("y")}},
        {"data": place, "mark": _point(i), "encoding": {"x": _pixel("mid"), "y": _pixel("y")}},
    ]


def _ticks(low: int, high: int) -> list[int]:
    """Round numbers from at or below `low` to at or above `high`, some four of them; zero is among them."""
    span = max(high - low, 1)
    size = 10 ** max(len(str(span // 4)) - 1, 0)
    step = next(s for s in (size, 2 * size, 5 * size, 10 * size) if span <= 4 * s)
    return [step * i for i in range(low // step, max(-(-high // step), low // step + 1) + 1)]


def _dates(days: Sequence[date], left: float, right: float) -> list[tuple[str, list[dict[str, Any]]]]:
    """The first and the last day at the ends of the axis, and between them as many as stand apart."""
    ends = [{"x": left, "say": days[0].isoformat()}, {"x": right, "say": days[-1].isoformat()}]
    if days[-1] <= days[0]:
        return [("center", [{"x": (left + right) / 2, "say": days[0].isoformat()}])]
    need = width_of("2031-12-31", _SMALL) + 14
    span, room = (days[-1] - days[0]).days, right - left
    taken, between = left + need, []
    for day in days[1:-1]:
        at = left + (day - days[0]).days / span * room
        if at - need / 2 >= taken and at + need / 2 <= right - need:
            between.append({"x": round(at, 2), "say": day.isoformat()})
            taken = at + need / 2
    return [("left", ends[:1]), *([("center", between)] if between else []), ("right", ends[1:])]


# ---------------------------------------------------------------- the picture


@lru_cache(maxsize=KEPT)
def drawn(spec: str) -> str | None:
    """The cleaned picture of a specification. The renderer is loaded by the first chart: it takes 0.4 s and 90 MB."""
    import vl_convert

    try:
        svg = vl_convert.vegalite_to_svg(spec, vl_version=_VEGA_LITE, allowed_base_urls=[])
    except ValueError:
        log.exception("chart_failed")
        return None
    return cleaned(svg)


def cleaned(svg: str) -> str:
    """What a page may hold of a drawing: shapes and texts, with classes of the stylesheet for colours.

    Only what is listed here passes, so neither a style, a script, a link nor a name of a font does. Ids begin with
    a zero byte, which the chart replaces.
    """
    root = fromstring(svg)
    used: list[str] = []
    body = "".join(_element(child, used) for child in root)
    defs = "".join(
        f'<pattern id="\x00-{tone}" width="8" height="8" patternUnits="userSpaceOnUse">'
        f'<rect class="chart-ground-{tone}" width="8" height="8"/>{_HATCHES[tone]}</pattern>'
        for tone in TONES
        if tone in used
    )
    box = quoteattr(root.get("viewBox", ""))
    return f"<svg viewBox={box}>{f'<defs>{defs}</defs>' if defs else ''}{body}</svg>"


def _element(element: Any, used: list[str]) -> str:
    tag = str(element.tag).rpartition("}")[2]
    inside = "".join(_element(child, used) for child in element)
    if tag == "g":
        move = element.get("transform", "translate(0,0)")
        return inside if move == "translate(0,0)" or not inside else f"<g transform={quoteattr(move)}>{inside}</g>"
    words = element.text or ""
    if tag not in ("path", "line", "text") or (tag == "path" and not element.get("d")) or (tag == "text" and not words):
        return ""
    kept = {name: _LONG_NUMBER.sub(_rounded, v) for name, v in element.attrib.items() if name in _KEPT_ATTRIBUTES}
    kept = {name: v.removesuffix("px") for name, v in kept.items()}
    classes = []
    for attribute in ("fill", "stroke"):
        colour = element.get(attribute)
        if colour in _PATTERNS:
            used.append(_PATTERNS[colour])
            kept[attribute] = f"url(#\x00-{_PATTERNS[colour]})"
        elif colour in _NAMES:
            classes.append(f"chart-{attribute}-{_NAMES[colour]}")
    if not classes and "fill" not in kept:
        return ""  # backgrounds and frames, which nobody asked for
    if classes:
        kept["class"] = " ".join(classes)
    attributes = "".join(f" {name}={quoteattr(v)}" for name, v in kept.items())
    return f"<{tag}{attributes}>{escape(words)}</{tag}>" if tag == "text" else f"<{tag}{attributes}/>"


def _rounded(found: re.Match[str]) -> str:
    return f"{float(found[0]):.2f}".rstrip("0").rstrip(".")
