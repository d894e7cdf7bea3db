"""Which elements a pattern of rules has to look at, read off the contexts of its rules: rather too many than too few."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

QNAME = r"(?:[\w.-]+:)?[\w-][\w.-]*"
ELEMENT = re.compile(QNAME)
ANYTHING = "/ | //* | //@*"
PIECE = re.compile(r"""("[^"]*"|'[^']*')|(.)""", re.DOTALL)


@dataclass(frozen=True, slots=True)
class End:
    """The last step of a path, and the one before where a child of a named element is asked for."""

    name: str
    parent: str = ""


def visited(contexts: Iterable[str]) -> str:
    """An XPath from the root; its nodes come in the document's order."""
    ends = [end for context in contexts for end in ends_of(context)]
    names = list(dict.fromkeys(end.name for end in ends))
    if all(ELEMENT.fullmatch(name) for name in names):
        return f"//({'|'.join(names)}){''.join(_only_below(ends))}"
    return "//*" if all(name == "*" or ELEMENT.fullmatch(name) for name in names) else ANYTHING


def _only_below(ends: list[End]) -> Iterator[str]:
    """An ID is everywhere; that of a party has its party above it."""
    for name, same in groupby(sorted(ends, key=lambda end: end.name), key=lambda end: end.name):
        parents = list(dict.fromkeys(end.parent for end in same))
        if all(parents):
            yield f"[not(self::{name}) or {' or '.join(f'parent::{parent}' for parent in parents)}]"


def ends_of(context: str) -> Iterator[End]:
    """`a/b[c] | (d | e)[f]` ends in b below a, d and e. What it can't tell comes out as something that is no name."""
    for path in _split(_without_predicates(context), "|"):
        if path.startswith("(") and path.endswith(")"):
            yield from ends_of(path[1:-1])
            continue
        *_before, parent, last = ["", *_split(path, "/")]
        yield End(last, parent if ELEMENT.fullmatch(parent) else "")


def in_predicates(context: str, change: Callable[[str], str]) -> str:
    """The same context with what stands in brackets changed; outside them `//` is the pattern's own."""
    return "".join(
        change("".join(piece for _inside, piece in pieces)) if inside else "".join(piece for _inside, piece in pieces)
        for inside, pieces in groupby(_pieces(context), key=lambda piece: piece[0])
    )


def _without_predicates(path: str) -> str:
    return "".join(piece for inside, piece in _pieces(path) if not inside)


def _pieces(path: str) -> Iterator[tuple[bool, str]]:
    """Characters and quoted words, each with whether it stands in a predicate; its brackets do."""
    depth = 0
    for quoted, plain in PIECE.findall(path):
        depth += plain == "["
        yield depth > 0, quoted or plain
        depth -= plain == "]"


def _split(path: str, at: str) -> list[str]:
    """Outside parentheses."""
    parts, depth = [""], 0
    for character in path:
        depth += (character == "(") - (character == ")")
        if character == at and not depth:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]
