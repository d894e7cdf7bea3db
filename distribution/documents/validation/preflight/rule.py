"""The form of our rules: as in schematron, of the rules of one pattern only the first that applies judges an element."""

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias

from distribution.documents.validation.preflight.facts import Facts
from distribution.documents.validation.preflight.reading import CannotTell, Element

Test: TypeAlias = Callable[[Element, Facts], bool]
"""May raise CannotTell."""
Asserts: TypeAlias = tuple[tuple[str, Test], ...]
"""What must hold, by the official ids."""
Pattern: TypeAlias = Callable[[Element, Facts], Asserts]
"""What must hold of this element. Never raises."""


def always(_element: Element, _facts: Facts) -> bool:
    return True


def never(_element: Element, _facts: Facts) -> bool:
    return False


class Rule(NamedTuple):
    asserts: Asserts
    applies: Test = always


def patterns_of(rules: Mapping[str, tuple[Rule, ...]]) -> dict[str, Pattern]:
    return {tag: first_of(those) for tag, those in rules.items()}


def first_of(rules: tuple[Rule, ...]) -> Pattern:
    if len(rules) == 1 and rules[0].applies is always:
        return lambda _element, _facts: rules[0].asserts
    return lambda element, facts: next((rule.asserts for rule in rules if _applies(rule, element, facts)), ())


def _applies(rule: Rule, element: Element, facts: Facts) -> bool:
    """Where the official rules can't tell whether one applies, they go on to the next."""
    try:
        return rule.applies(element, facts)
    except CannotTell:
        return False
