"""The rules of EN 16931 in UBL, as CEN publishes them."""

from functools import cache

from distribution.documents.validation import compiled
from distribution.documents.validation.ruleset import RuleSet


@cache
def rules() -> RuleSet:
    return compiled.read(compiled.published_cen(), "cen")
