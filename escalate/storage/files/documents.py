"""The documents that entries name: read for their SHA-256, and never copied."""

from hashlib import sha256

from escalate.domain.case.documents import Kept
from escalate.errors import Refused
from escalate.storage.files.paths import path_from
from escalate.storage.files.plain_files import read_plain

MOST_BYTES = 500_000_000
"""Of a document: an hour of sound has fewer."""


def kept(said: str) -> Kept:
    """A document by its path, as it is now. Raises Refused."""
    place = path_from(said).absolute()
    too_large = Refused(f"{place} has more than 500 MB: name a smaller file, or note where it is in words.")
    return Kept(str(place), sha256(read_plain(place, MOST_BYTES, too_large, "document")).hexdigest())


def fault_of(document: Kept) -> str | None:
    """What is wrong with a document that was recorded, as the rest of a sentence about it; None where it is as it was."""
    try:
        now = kept(document.place)
    except Refused as refusal:
        return f"the document can no longer be read: {refusal.sentence}"
    return None if now.digest == document.digest else f"the document {document.place} is not as it was recorded."
