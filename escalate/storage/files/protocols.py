"""The protocol files: those that come with escalate, those in the user's folder, and any other by its path."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import escalate
from escalate import durable
from escalate.domain.protocol.extends import EXTENDS, extended
from escalate.domain.protocol.file import ID, read_protocol, read_sound_protocol
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.shape import Problems
from escalate.errors import BadInput, BrokenFile, Refused, UnknownName, cut, listed, nearest
from escalate.storage.files.paths import is_one, is_there, path_from
from escalate.storage.files.toml import MOST_BYTES, parse_toml, read_text, read_toml
from escalate.storage.hashes import hash_of


class FileText(NamedTuple):
    """A file and what stands in it."""

    name: str
    """Without its folder."""
    text: str
    """What stands in it."""


class ProtocolFile(NamedTuple):
    """A protocol and the very text it was read from, which a case keeps."""

    protocol: Protocol
    """What the text says."""
    text: str
    """The text, as it stands in the file."""
    name: str
    """Of the file, without its folder."""
    extends: tuple[FileText, ...] = ()
    """The files it extends, the nearest first."""

    @property
    def bases(self) -> tuple[str, ...]:
        """The texts of the files it extends, the nearest first."""
        return tuple(file.text for file in self.extends)

    @property
    def digest(self) -> str:
        """What tells this very text, with those it extends, from any other: its SHA-256."""
        return digest_of(self.text, self.bases)

    def located(self, problems: Iterable[tuple[str, str]]) -> list[str]:
        """A line for each problem, a place such as `stages[2].name` and a sentence, with the file and the place in words."""
        files = (FileText(self.name, self.text), *self.extends)
        return located(files, ((place, sentence, None) for place, sentence in problems))


def shipped_folder() -> Path:
    """Where the shipped protocols are: inside an installed package, beside it in a checkout."""
    package = Path(escalate.__file__).parent
    installed = package / "protocols"
    return installed if installed.is_dir() else package.parent / "protocols"


def guide() -> Path:
    """Where the guide to writing a protocol file is."""
    return shipped_folder() / "GUIDE.md"


def checker() -> Path:
    """Where the program is that checks certificates without the rest of the package."""
    return Path(escalate.__file__).parent / "checker.py"


def shipped() -> list[Protocol]:
    """The protocols that come with escalate, in the order of their ids. Raises BrokenFile, Refused."""
    return [read_protocol_file(path).protocol for path in _toml_files(shipped_folder())]


def find_protocol(name: str, users_folder: Path, on: date | None = None) -> ProtocolFile:
    """A protocol by its id, in the edition in force on a day or, without one, in the newest; or by the path of a file.

    `hull@2025-06` names an edition by its date. Raises UnknownName, BrokenFile, Refused.
    """
    if name.endswith(".toml") or "/" in name or "\\" in name:
        return read_protocol_file(path_from(name), users_folder)
    plain, _, dated = name.partition("@")
    files = files_by_id(users_folder)
    if plain not in files:
        _refuse_misnamed(users_folder / f"{plain}.toml")
        raise UnknownName("protocol", plain, sorted(files))
    return _edition(plain, [read_protocol_file(path, users_folder) for path in files[plain]], dated, on)


def place_for(name: str, users_folder: Path, to: Path | None, *, force: bool) -> Path:
    """Where a new protocol file goes: into the user's folder, unless a place is named. Raises BadInput, Refused."""
    if not re.fullmatch(ID, name):
        plain = re.sub("[^a-z0-9]+", "-", name.casefold()).strip("-")
        such_as = plain if re.fullmatch(ID, plain) else "north-town"
        raise BadInput(f'"{cut(name, 60)}" cannot be an id: it has small letters, digits and hyphens, as in {such_as}.')
    place = path_from(str(to)) if to else users_folder / f"{name}.toml"
    if place.suffix != ".toml":
        raise BadInput(f"{place} is not a name for a protocol file: let it end in .toml.")
    others = [path for path in files_by_id(users_folder).get(name, ()) if not is_one(path, place)]
    if others:
        raise Refused(f'There is a protocol "{name}" already, in {others[-1]}: choose another id, or change that file.')
    if is_there(place) and not force:
        raise Refused(f"{place} is there already: change it, choose another id, or replace it with --force.")
    return place


def make_folder(folder: Path) -> None:
    """Makes the user's protocols folder, theirs alone to enter, where there is none. Raises Refused."""
    try:
        durable.make_folder(folder)
    except OSError as problem:
        raise Refused(
            f"{folder} cannot be made ({problem.strerror or problem}): name another place with --to, or another folder in the settings."
        ) from problem


def editions_of(name: str, users_folder: Path) -> list[ProtocolFile]:
    """Every edition of a protocol, the oldest first. Raises UnknownName, BrokenFile, Refused."""
    files = files_by_id(users_folder)
    if name not in files:
        raise UnknownName("protocol", name, sorted(files))
    return _in_order(name, [read_protocol_file(path, users_folder) for path in files[name]])


def all_protocols(users_folder: Path) -> tuple[list[ProtocolFile], list[str]]:
    """Every edition of every protocol that is found by its id, in the order of the ids, and what is wrong with the files that are not sound."""
    found: list[ProtocolFile] = []
    problems: list[str] = []
    for name, paths in sorted(files_by_id(users_folder).items()):
        sound = []
        for path in paths:
            try:
                sound.append(read_protocol_file(path, users_folder))
            except Refused as refusal:
                problems += refusal.sentence.splitlines()
        try:
            found += _in_order(name, sound)
        except Refused as refusal:
            problems.append(refusal.sentence)
    return found, problems


def read_protocol_file(path: Path, users_folder: Path | None = None) -> ProtocolFile:
    """A protocol file with those it extends. Raises BrokenFile with every problem in it, or Refused."""
    _refuse_misnamed(path)
    text = read_text(path)
    extends = tuple(bases_of(path, text, users_folder))
    return ProtocolFile(parse_protocol(text, path.name, extends), text, path.name, extends)


def _refuse_misnamed(path: Path) -> None:
    """Refuses a file that is not there, but is with .txt after its name, as Notepad saves it and Explorer does not show."""
    with_more = Path(f"{path}.txt")
    misnamed = False
    with suppress(OSError):  # for what no path can be; it is refused where it is read
        misnamed = not path.exists() and with_more.is_file()
    if misnamed:
        raise Refused(f"{with_more} is not read, because its name ends in .txt: rename it to {path.name}.")


def parse_protocol(text: str, name: str, extends: Sequence[FileText] = ()) -> Protocol:
    """A protocol from the text of its file, and the files it extends, the nearest first. Raises BrokenFile, Refused."""
    files = (FileText(name, text), *extends)
    protocol, problems = _read(files)
    if problems:
        raise BrokenFile(located(files, problems))
    return protocol


def located(files: Sequence[FileText], problems: Iterable[tuple[str, str, int | None]]) -> list[str]:
    """A line for each problem, with the file, the place in it in words, and the sentence.

    A problem is the place, such as `stages[2].name`, the sentence, and which of the files the place is of; None if it is one of
    what they say together.
    """
    from escalate.storage.files.whereabouts import Whereabouts  # only a mistake needs it

    where = Whereabouts([file.text for file in files], _merged(files)[0])
    lines = []
    for place, sentence, number in problems:
        which, words = where.of(place, number)
        lines.append(": ".join(part for part in (files[which].name, words, sentence) if part))
    return lines


def kept_protocol(text: str, bases: Sequence[str], digest: str) -> Protocol:
    """A protocol from the very texts a case was opened under. Raises ValueError where they are not those any more.

    They were sound by what was checked then; whatever is checked since, the case goes on.
    """
    if max(map(len, (text, *bases))) > MOST_BYTES or digest_of(text, bases) != digest:
        raise ValueError(digest)
    if (text, *bases) in _READ:  # a case was opened under it in this run
        return _READ[text, *bases][0]
    return read_sound_protocol(tree_of(text, bases))


def digest_of(text: str, bases: Sequence[str]) -> str:
    """What tells the text of a file, with those it extends, from any other: its SHA-256."""
    return hash_of("\0".join((text, *bases)))


def _read(files: Sequence[FileText]) -> tuple[Protocol, list[tuple[str, str, int | None]]]:
    """A protocol from its texts, and its problems."""
    texts = tuple(file.text for file in files)
    if texts not in _READ:
        tree, merging = _merged(files)
        protocol, found = read_protocol({key: value for key, value in tree.items() if key != EXTENDS})
        _READ[texts] = protocol, [*merging, *((*problem, None) for problem in found)]
    return _READ[texts]


def tree_of(text: str, bases: Sequence[str]) -> dict[str, Any]:
    """The tables of a protocol that was sound when it was kept, together with those of the files it extends."""
    tree, _ = _merged([FileText("the protocol kept in the file", each) for each in (text, *bases)])
    return {key: value for key, value in tree.items() if key != EXTENDS}


def _merged(files: Sequence[FileText]) -> tuple[dict[str, Any], list[tuple[str, str, int | None]]]:
    """What files say together, each with those it extends after it; and what cannot be merged, with the number of its file."""
    tree: dict[str, Any] = {}
    found: list[tuple[str, str, int | None]] = []
    for number, file in reversed(list(enumerate(files))):
        problems = Problems()
        own = parse_toml(file.text, file.name)
        tree = extended(tree, own, problems) if tree else own
        found += ((*problem, number) for problem in problems.found)
    return tree, found


_READ: dict[tuple[str, ...], tuple[Protocol, list[tuple[str, str, int | None]]]] = {}
"""What was read in this process, by the texts it was read from."""


def bases_of(path: Path, text: str, users_folder: Path | None) -> Iterator[FileText]:
    """The files a file extends, each taken by the one before. Raises BrokenFile, Refused."""
    seen = {path.resolve()}
    while EXTENDS in text and (wanted := parse_toml(text, path.name).get(EXTENDS)) is not None:
        if not isinstance(wanted, str) or not wanted.strip():
            raise BrokenFile(
                [f'{path.name}: {EXTENDS}: should name a protocol or a file in quotes, as in extends = "pan-area"']
            )
        base = _base(path, wanted.strip(), users_folder)
        if base.resolve() in seen:
            raise BrokenFile([f'{path.name}: {EXTENDS}: "{wanted}" comes back to a file that extends it'])
        seen.add(base.resolve())
        path, text = base, read_text(base)
        yield FileText(path.name, text)


def _base(path: Path, wanted: str, users_folder: Path | None) -> Path:
    """The file that another one extends: by its path, seen from that one, or by the id of a protocol. Raises BrokenFile.

    Of several editions it is the newest, or the one named as in `pan-area@2026-01`. Files beside it come before all others.
    """
    if wanted.endswith(".toml") or "/" in wanted:
        found = path.parent / wanted
        if not found.is_file():
            raise BrokenFile([f'{path.name}: {EXTENDS}: there is no file "{wanted}" beside it'])
        return found
    name, _, dated = wanted.partition("@")
    known: dict[str, list[Path]] = {}
    for folder in (path.parent, users_folder or path.parent):
        for each, paths in files_by_id(folder).items():
            others = [other for other in paths if not is_one(other, path)]
            if others:
                known.setdefault(each, others)
    editions = [each for each in known.get(name, ()) if not dated or _date_of(each) == dated]
    if not editions:
        dated_otherwise = sorted(f"{name}@{_date_of(each)}" for each in known.get(name, ()))
        near = listed(dated_otherwise or nearest(name, known) or sorted(known), "or")
        raise BrokenFile([f'{path.name}: {EXTENDS}: there is no protocol "{wanted}"; there is {near}'])
    return max(editions, key=_date_of)


def _edition(name: str, files: list[ProtocolFile], dated: str, on: date | None) -> ProtocolFile:
    """The edition that is named, or in force on a day; of those that are not yet, the first. Raises UnknownName, Refused."""
    editions = _in_order(name, files)
    if dated:
        named = [each for each in editions if each.protocol.edition.dated == dated]
        if not named:
            raise UnknownName("edition", dated, [each.protocol.edition.dated for each in editions], f" of {name}")
        return named[0]
    return in_force(editions, on)


def in_force(editions: Sequence[ProtocolFile], on: date | None) -> ProtocolFile:
    """Of the editions of a protocol, in their order, the last that is in force on a day; the first where none is yet."""
    begun = [each for each in editions if on is None or each.protocol.edition.begins <= f"{on:%Y-%m-%d}"]
    return begun[-1] if begun else editions[0]


def _in_order(name: str, files: list[ProtocolFile]) -> list[ProtocolFile]:
    """Editions by their dates. Raises Refused where two have the same."""
    editions = sorted(files, key=lambda each: each.protocol.edition.begins)
    for before, after in pairwise(editions):
        if before.protocol.edition.begins == after.protocol.edition.begins:
            raise Refused(
                f'{before.name} and {after.name} both have the id "{name}" and the same date:'
                " give one of them another id, or the newer edition its own date."
            )
    return editions


def files_by_id(users_folder: Path) -> dict[str, list[Path]]:
    """Files by the id they give; one of the user stands before a shipped one of the same id and date."""
    found: dict[str, list[Path]] = {path.stem: [path] for path in _toml_files(shipped_folder())}
    own: dict[str, list[Path]] = {}
    for path in _toml_files(users_folder):
        own.setdefault(_id_of(path), []).append(path)
    for name, paths in own.items():
        dates = {_date_of(path) for path in paths}
        shipped = [path for path in found.get(name, ()) if _date_of(path) not in dates]
        found[name] = [*shipped, *paths]
    return found


def _id_of(path: Path) -> str:
    """The id a file gives, or its name where it gives none that can be read: it is then refused by that name."""
    return str(_tree_of(path).get("id", path.stem))


def _date_of(path: Path) -> str:
    """The date of the edition in a file; empty where it gives none that can be read."""
    edition = _tree_of(path).get("edition")
    return str(edition.get("dated", "")) if isinstance(edition, dict) else ""


def _tree_of(path: Path) -> dict[str, object]:
    """The tables of a file; none where it cannot be read, which is said when it is."""
    try:
        return read_toml(path)
    except Refused:
        return {}


def _toml_files(folder: Path) -> Iterator[Path]:
    try:
        yield from sorted(folder.glob("*.toml"))
    except OSError as problem:
        raise Refused(f"The protocols folder {folder} cannot be read: {problem.strerror}.") from problem
