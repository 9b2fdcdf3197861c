"""What of a partnership's Word file acts by itself once somebody opens the form: macros, objects, and what is fetched from elsewhere."""

import io
import re
from collections.abc import Iterator
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from escalate.errors import Refused, cut
from escalate.on_demand import optional_library
from escalate.output.words import inert

_ACTS = re.compile(r"vbaProject|vbaData|/activeX/|/embeddings/", re.IGNORECASE)
_IS_XML = (b"<", b"\xef\xbb\xbf<", b"\xff\xfe", b"\xfe\xff")
_CLICKED = "/hyperlink"
_ATTACHED = (
    ("word/_rels/settings.xml.rels", re.compile(rb"<Relationship\b[^>]*/attachedTemplate[\"'][^>]*/>")),
    ("word/settings.xml", re.compile(rb"<w:attachedTemplate\b[^>]*/>")),
)
_FETCHES = (
    "DDE", "DDEAUTO", "INCLUDE", "INCLUDETEXT", "INCLUDEPICTURE", "IMPORT", "LINK", "EMBED", "DATABASE", "RD", "MACROBUTTON",
)  # fmt: skip


def without_attached_template(package: ZipFile, content: bytes) -> bytes:
    """The content of a Word file without the name of the template it was once made from, which Word would look for on somebody's share."""
    named = {name: left_out for name, left_out in _ATTACHED if name in package.namelist()}
    if not any(left_out.search(package.read(name)) for name, left_out in named.items()):
        return content
    made = io.BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as plain:
        for part in package.namelist():
            text = package.read(part)
            plain.writestr(part, named[part].sub(b"", text) if part in named else text)
    return made.getvalue()


def refuse_what_acts(name: str, package: ZipFile) -> None:
    """Refuse a Word file that does more than show what stands in it. Raises Refused, and what a broken file does."""
    for part in package.namelist():
        if _ACTS.search(part):
            raise Refused(
                f"{name} has macros or objects of other programs in it: save it in Word as .docx without them."
            )
        content = package.read(part)
        if not content.lstrip().startswith(_IS_XML):
            continue
        elements = _elements(content)
        for target in _fetched(elements):
            raise Refused(
                f"{name} brings in {cut(inert(target), 80)}, which would be fetched by whoever opens the form: put what it shows into the file itself."
            )
        for code in _codes(elements):
            word = next(iter(code.split()), "").upper()
            if word in _FETCHES or "{{" in code or "{%" in code:
                raise Refused(
                    f"{name} has a field of Word's own, {cut(inert(word), 40)}, that runs or fetches something when the form is opened: take it out."
                )


def _elements(content: bytes) -> list[tuple[str, str, dict[str, str]]]:
    """The elements of a part, each with its name, its text and its attributes, whatever stands before the names."""
    xml: Any = optional_library("lxml.etree", "office", "A Word file of the partnership's own")
    root = xml.fromstring(content, xml.XMLParser(resolve_entities=False, no_network=True))
    return [
        (_bare(each.tag), each.text or "", {_bare(key): said for key, said in each.attrib.items()})
        for each in root.iter(xml.Element)
    ]


def _bare(name: str) -> str:
    return name.rpartition("}")[2]


def _fetched(elements: list[tuple[str, str, dict[str, str]]]) -> Iterator[str]:
    """What a part refers to outside the file, or brings in, but for what somebody has to click on."""
    for tag, _, attributes in elements:
        if tag == "altChunk":
            yield "another file"
        is_outside = tag == "Relationship" and attributes.get("TargetMode") == "External"
        if is_outside and not attributes.get("Type", "").endswith(_CLICKED):
            yield attributes.get("Target") or "another file"


def _codes(elements: list[tuple[str, str, dict[str, str]]]) -> Iterator[str]:
    """The codes of Word's own fields, each put together from the parts that Word divides it into."""
    code = ""
    for tag, text, attributes in elements:
        if tag == "fldChar" and attributes.get("fldCharType") == "begin":
            yield code
            code = ""
        if tag == "instrText":
            code += text
        if "instr" in attributes:
            yield attributes["instr"]
    yield code
