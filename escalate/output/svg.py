"""Pictures as SVG: text that is broken into lines of a width, boxes, lines and arrows. All text is escaped; no script, nothing fetched."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from unicodedata import east_asian_width

from escalate.output.words import inert

INK, PALE = "#111", "#8a8a8a"
"""The colours of type and lines, and of lines that only keep things apart."""

_FONT = "Arial, Helvetica, 'Liberation Sans', sans-serif"

_WIDTHS = dict.fromkeys("iljtfr.,:;'|!I()[]/ -", 0.38) | dict.fromkeys("mwMW@%", 0.95)
"""How wide letters are, as parts of the size of the type: those of the widest of the usual fonts, so that nothing overflows."""


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """About how wide a text is, rather too much than too little."""
    return sum(map(_letter, text)) * size * (1.08 if bold else 1)


def _letter(letter: str) -> float:
    if letter in _WIDTHS:
        return _WIDTHS[letter]
    if east_asian_width(letter) in "WF":
        return 1.05
    return 0.7 if letter.isupper() else 0.6


def broken(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """A text in lines that are no wider; a word is broken only where it is wider than a line."""
    lines = [""]
    for word in _words(inert(text), width, size, bold=bold):
        longer = f"{lines[-1]} {word}".strip()
        if text_width(longer, size, bold=bold) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return [line for line in lines if line]


def _words(text: str, width: float, size: float, *, bold: bool) -> Iterator[str]:
    """The words of a text, those that are wider than a line in pieces."""
    for word in text.split():
        piece = ""
        for letter in word:
            if piece and text_width(piece + letter, size, bold=bold) > width:
                yield piece
                piece = ""
            piece += letter
        yield piece


def words(said: str, x: float, y: float, size: float, *, bold: bool = False, colour: str = INK) -> str:
    """A line of text, which stands on y."""
    weight = {"font-weight": "bold"} if bold else {}
    where = {"x": x, "y": y, "font-size": size, "fill": colour}
    return element("text", where | weight, text(said))


def box(x: float, y: float, width: float, height: float, *, rounded: bool = False, filled: bool = False) -> str:
    """A box with a black edge, or a black one."""
    look = {"rx": height / 2 if rounded else 3, "fill": INK if filled else "#fff", "stroke": INK}
    return element("rect", {"x": x, "y": y, "width": width, "height": height, **look})


def path(d: str, *, pale: bool = False, dashed: bool = False) -> str:
    """A line along a path."""
    dashes = {"stroke-dasharray": "5 3"} if dashed else {}
    return element("path", {"d": d, "fill": "none", "stroke": PALE if pale else INK, **dashes})


def dot(x: float, y: float) -> str:
    """A black dot."""
    return element("circle", {"cx": x, "cy": y, "r": 4, "fill": INK})


def arrow(x: float, y: float, to_x: float, to_y: float) -> str:
    """An arrow that runs straight across, or straight down."""
    if x == to_x:
        head = f"M{_short(to_x - 4)} {_short(to_y - 7)}h8l-4 7z"
    else:
        back = 7 if to_x > x else -7
        head = f"M{_short(to_x - back)} {_short(to_y - 4)}v8l{back} -4z"
    line = path(f"M{_short(x)} {_short(y)}L{_short(to_x)} {_short(to_y)}")
    return line + element("path", {"d": head, "fill": INK})


def circle(x: float, y: float, radius: float, *, filled: bool) -> str:
    """A black disc, or a ring."""
    look = {"fill": INK if filled else "#fff", "stroke": INK}
    return element("circle", {"cx": x, "cy": y, "r": radius, **look})


def picture(
    parts: Iterable[str], width: float, height: float, title: str, description: str, *, larger: float = 1
) -> str:
    """A whole SVG file, white behind, shown so many times larger than it is drawn; title and description are for whoever cannot see it."""
    about = [element("title", {}, text(title)), element("desc", {}, text(description))]
    body = "\n".join([*about, element("rect", {"width": width, "height": height, "fill": "#fff"}), *parts])
    size = {"viewBox": f"0 0 {_short(width)} {_short(height)}", "width": width * larger, "height": height * larger}
    return (
        element("svg", {"xmlns": "http://www.w3.org/2000/svg", **size, "role": "img", "font-family": _FONT}, body)
        + "\n"
    )


def windows(parts: Iterable[str], width: float, spans: Sequence[tuple[float, float]], title: str) -> Iterator[str]:
    """A drawing in a page, a picture for each span from top to bottom: the first holds the drawing, and the others show another part of it."""
    drawing = element("g", {"id": "drawing"}, "".join(parts))
    for n, (top, bottom) in enumerate(spans, 1):
        said = title if len(spans) == 1 else f"{title}, sheet {n} of {len(spans)}"
        size = {
            "viewBox": f"0 {_short(top)} {_short(width)} {_short(bottom - top)}",
            "role": "img",
            "font-family": _FONT,
        }
        body = drawing if n == 1 else element("use", {"href": "#drawing"})
        yield element("svg", size, element("title", {}, text(said)) + body)


def text(said: str) -> str:
    """A text as it stands in an element."""
    return escape(inert(said), quote=False)


def element(name: str, attributes: Mapping[str, object], content: str = "") -> str:
    """An element; its content is markup already."""
    said = "".join(f' {key}="{escape(_short(value))}"' for key, value in attributes.items())
    return f"<{name}{said}>{content}</{name}>" if content else f"<{name}{said}/>"


def _short(value: object) -> str:
    """A figure to a tenth of a unit, anything else as it is."""
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)
