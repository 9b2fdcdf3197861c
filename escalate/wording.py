"""How sentences are put together, for every floor."""

import os

IS_WINDOWS = os.name == "nt"


def how_many(n: int, singular: str, plural: str = "") -> str:
    """`1 case`, `2 cases`; the plural is given where it is not the singular with an s."""
    return f"{n} {singular if n == 1 else plural or f'{singular}s'}"


def as_typed(*words: str) -> str:
    """A line for a shell that has these words, to be copied: for that of the system, and on Windows for PowerShell and the Command Prompt alike."""
    if IS_WINDOWS:
        return " ".join(map(_as_typed_on_windows, words))
    from shlex import join  # few lines are copied

    return join(words)


def _as_typed_on_windows(word: str) -> str:
    """Double quotes are for both; where PowerShell would see a variable in them, single ones are for it alone."""
    if word and all(letter.isalnum() or letter in r"\/:._-+=~@" for letter in word) and word[0] not in "@-~":
        return word
    if word.startswith("-") and word.replace("-", "").isalnum():
        return word
    return "'{}'".format(word.replace("'", "''")) if set(word) & set('$`"“”„') else f'"{word}"'
