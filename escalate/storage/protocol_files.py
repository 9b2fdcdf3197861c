"""The protocol files: those that come with escalate, those in the user's folder, and any other by its path."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import escalate
from escalate.domain.errors import BrokenFile, Refused, UnknownName, listed
from escalate.domain.protocol import Protocol, read_protocol
from escalate.storage.paths import path_from
from escalate.storage.toml_files import parse_toml, read_text


@dataclass(frozen=True, slots=True)
class ProtocolFile:
    """A protocol and the very text it was read from, which a case keeps."""

    protocol: Protocol
    text: str
    name: str

    @property
    def digest(self) -> str:
        """What tells this very text from any other: its SHA-256."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def shipped_folder() -> Path:
    """Where the shipped protocols are: inside an installed package, beside it in a checkout."""
    package = Path(escalate.__file__).parent
    installed = package / "protocols"
    return installed if installed.is_dir() else package.parent / "protocols"


def find_protocol(name: str, users_folder: Path) -> ProtocolFile:
    """A protocol by its id, or by the path of a file. Raises UnknownName, BrokenFile, Refused."""
    if name.endswith(".toml") or "/" in name or "\\" in name:
        return read_protocol_file(path_from(name))
    files = _files(users_folder)
    if name not in files:
        raise UnknownName("protocol", name, sorted(files))
    return read_protocol_file(_only(name, files[name]))


def all_protocols(users_folder: Path) -> tuple[list[ProtocolFile], list[str]]:
    """Every protocol that is found by its id, in the order of the ids, and what is wrong with the files that are not sound."""
    found, problems = [], []
    for name, paths in sorted(_files(users_folder).items()):
        try:
            found.append(read_protocol_file(_only(name, paths)))
        except Refused as refusal:
            problems += refusal.sentence.splitlines()
    return found, problems


def read_protocol_file(path: Path) -> ProtocolFile:
    """A protocol file. Raises BrokenFile with every problem in it, or Refused."""
    text = read_text(path)
    return ProtocolFile(parse_protocol(text, path.name), text, path.name)


def parse_protocol(text: str, name: str) -> Protocol:
    """A protocol from the text of its file. Raises BrokenFile, Refused."""
    protocol, problems = read_protocol(parse_toml(text, name))
    if problems:
        raise BrokenFile(name, problems)
    return protocol


def _files(users_folder: Path) -> dict[str, list[Path]]:
    """Files by the id they give; those of the user stand before a shipped one of the same id."""
    own: dict[str, list[Path]] = {}
    for path in _toml_files(users_folder):
        own.setdefault(_id_of(path), []).append(path)
    return {path.stem: [path] for path in _toml_files(shipped_folder())} | own


def _only(name: str, paths: list[Path]) -> Path:
    """The file of an id. Raises Refused where several give the same."""
    if len(paths) > 1:
        files = listed([path.name for path in paths], "and")
        raise Refused(f'{files} in {paths[0].parent} both have the id "{name}": give one of them another.')
    return paths[0]


def _id_of(path: Path) -> str:
    """The id a file gives, or its name where it gives none that can be read: it is then refused by that name."""
    try:
        return str(parse_toml(read_text(path), path.name).get("id", path.stem))
    except Refused:
        return path.stem


def _toml_files(folder: Path) -> Iterator[Path]:
    try:
        yield from sorted(folder.glob("*.toml"))
    except OSError as problem:
        raise Refused(f"The protocols folder {folder} cannot be read: {problem.strerror}.") from problem
