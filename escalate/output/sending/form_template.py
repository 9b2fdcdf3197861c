"""A partnership's own Word file, filled in: `{{ subject }}` in it stands for the reference of the person, and so on.

It may hold no more than fields, questions whether one is known, and a row or paragraph for each case, so that whatever file
is named, filling it in ends, and nothing runs.
"""

import io
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from jinja2 import TemplateSyntaxError, nodes
from jinja2.sandbox import SandboxedEnvironment

from escalate.domain.protocol.form_sources import OF_NO_CASE, Source
from escalate.domain.protocol.parts import FormField
from escalate.errors import Refused, cut, listed, nearest
from escalate.on_demand import optional_library
from escalate.output.sending.form import Filled, FilledForm
from escalate.output.sending.word_parts import refuse_what_acts, without_attached_template
from escalate.output.words import inert

MOST_UNPACKED = 50_000_000
"""Bytes of all its parts: one of a few kilobytes can unpack to more than any machine holds."""

CASES = "cases"
"""What a log goes through: `{%tr for case in cases %}`."""

_LOOP = ("first", "last", "index", "length")
"""What may be asked of a loop: the library does for cells that are joined (`{% vm %}`)."""

_HARMLESS = (nodes.Output, nodes.TemplateData, nodes.If, nodes.Not, nodes.And, nodes.Or)

_NO_MORE = "only fields such as {{ subject }}, {% if subject %}, and in a log {%tr for case in cases %} with {{ case.subject }} can stand in a form"

_BROKEN = (
    zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError, EOFError, NotImplementedError,
    RuntimeError, OSError,
)  # fmt: skip
"""What the libraries raise for one file or another that is none of Word's."""


class FormTemplate:
    """A Word file with fields in it, which were looked at: nothing else stands in it. Raises Refused."""

    def __init__(self, name: str, content: bytes, known: Mapping[str, Source]) -> None:
        self.name = name
        self._content = content
        self._known = known
        self._fields = _Fields()
        self._reading(lambda paper: paper.render({CASES: []}, self._fields))
        self._by_name = {_typed(source): source for source in known}

    @property
    def is_log(self) -> bool:
        """It has a row for each case."""
        return self._fields.has_rows

    @property
    def fields(self) -> list[FormField]:
        """What it asks for that can go in a form, in its order, each called what it is."""
        sources = [self._by_name[name] for name in self._fields.names if name in self._by_name]
        return [FormField(self._known[source].says, source) for source in sources]

    @property
    def problems(self) -> list[str]:
        """A sentence for each field that escalate does not know, or that a log cannot have outside its rows."""
        found = []
        for name in self._fields.names:
            if name not in self._by_name:
                near = nearest(name, self._by_name, most=1)
                meant = f"; did you mean {_marked(near[0])}?" if near else "; the guide lists what can"
                found.append(f"{self.name}: {_marked(cut(name, 60))} is not something that can go in a form{meant}")
        of_one = [
            name for name in self._fields.beside_rows if name in self._by_name and self._by_name[name] not in OF_NO_CASE
        ]
        if self.is_log and of_one:
            said, verb = listed(list(map(_marked, of_one)), "and"), "is" if len(of_one) == 1 else "are"
            found.append(
                f"{self.name}: {said} {verb} of one case, and this is a log: write it in the row, as in {_marked(f'case.{of_one[0]}')}"
            )
        return found

    def filled(self, forms: Sequence[FilledForm], at: datetime) -> bytes:
        """The bytes of the file, filled in from one case, or of a log from each."""
        cases = [{_typed(each.field.source): _value(each) for each in form.fields} for form in forms]
        words = cases[0] if cases else {}
        if self.is_log:
            words = {name: said for name, said in words.items() if self._by_name[name] in OF_NO_CASE}
        content = io.BytesIO()

        def fill(paper: Any) -> None:
            paper.render({**words, CASES: [SimpleNamespace(**each) for each in cases]}, self._fields)
            about = paper.core_properties  # it tells nothing the page does not
            about.author = about.last_modified_by = about.comments = ""
            about.created = about.modified = at.replace(tzinfo=None)
            paper.save(content)

        self._reading(fill)
        return content.getvalue()

    def _reading(self, does: Callable[[Any], object]) -> None:
        """Does something with the file. Raises Refused for what is no Word file, or has more in it than fields."""
        library: Any = optional_library("docxtpl", "office", "A Word file of the partnership's own")
        try:
            with zipfile.ZipFile(io.BytesIO(self._content)) as package:
                if sum(part.file_size for part in package.infolist()) > MOST_UNPACKED:
                    raise Refused(f"{self.name} unpacks to more than 50 MB: is it the right file?")
                self._content = without_attached_template(package, self._content)
            with zipfile.ZipFile(io.BytesIO(self._content)) as package:
                refuse_what_acts(self.name, package)
            does(library.DocxTemplate(io.BytesIO(self._content)))
        except TemplateSyntaxError as problem:
            raise Refused(f"{self.name}: {_in_words(problem)}") from problem
        except _BROKEN as problem:
            raise Refused(
                f"{self.name} is damaged, or not a Word file: open it in Word and save it as .docx."
            ) from problem


class _Fields(SandboxedEnvironment):
    """Reads what stands in a Word file, and refuses all but fields, questions and rows."""

    def __init__(self) -> None:
        super().__init__(autoescape=True)
        self.names: dict[str, None] = {}
        """Every field, in the order of the file, as it is typed there."""
        self.beside_rows: dict[str, None] = {}
        """Those that stand in no row for each case."""
        self.has_rows = False
        """There is a row for each case."""

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        self._look(tree.body, None)
        return tree

    def _look(self, parts: Iterable[nodes.Node], row: str | None) -> None:
        """Look at parts of a file; `row` is what a case is called in the row they stand in."""
        for part in parts:
            if isinstance(part, nodes.For):
                self._row(part, row)
            elif isinstance(part, nodes.Name):
                self._note(part.name, beside_rows=True)
            elif isinstance(part, nodes.Getattr):
                self._part_of(part, row)
            elif isinstance(part, _HARMLESS):
                self._look(part.iter_child_nodes(), row)
            else:
                raise TemplateSyntaxError(_NO_MORE, part.lineno)

    def _row(self, part: nodes.For, row: str | None) -> None:
        is_row = isinstance(part.iter, nodes.Name) and part.iter.name == CASES and isinstance(part.target, nodes.Name)
        if not is_row or row is not None or part.test or part.else_ or part.recursive:
            raise TemplateSyntaxError(_NO_MORE, part.lineno)
        assert isinstance(part.target, nodes.Name)
        self.has_rows = True
        self._look(part.body, part.target.name)

    def _part_of(self, part: nodes.Getattr, row: str | None) -> None:
        of = part.node.name if isinstance(part.node, nodes.Name) else None
        if row is None or of not in (row, "loop") or (of == "loop" and part.attr not in _LOOP):
            raise TemplateSyntaxError(_NO_MORE, part.lineno)
        if of == row:
            self._note(part.attr, beside_rows=False)

    def _note(self, name: str, *, beside_rows: bool) -> None:
        self.names.setdefault(name)
        if beside_rows:
            self.beside_rows.setdefault(name)


def _typed(source: str) -> str:
    """A field as it is typed in a Word file, where a hyphen would take one away from the other."""
    return source.replace("-", "_")


def _marked(name: str) -> str:
    """A field with the marks it stands between."""
    return f"{{{{ {name} }}}}"


def _value(each: Filled) -> str:
    """What goes in; nothing where the case does not know it: there is room for a pen."""
    return "\n".join(map(inert, each.lines))


def _in_words(problem: TemplateSyntaxError) -> str:
    """What cannot be read in a file, with some words beside it."""
    beside = " ".join(" ".join(getattr(problem, "docx_context", ())).split())
    where = f', near "{cut(inert(beside), 80)}"' if beside else ""
    said = _NO_MORE if problem.message == _NO_MORE else f"a mark of a field cannot be read ({problem.message})"
    return f"{said}{where}"
