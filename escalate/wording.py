"""How sentences are put together, for every floor."""


def how_many(n: int, singular: str, plural: str = "") -> str:
    """`1 case`, `2 cases`; the plural is given where it is not the singular with an s."""
    return f"{n} {singular if n == 1 else plural or f'{singular}s'}"
