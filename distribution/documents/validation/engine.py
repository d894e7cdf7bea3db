"""Saxon, which the rules need for XPath 2: one processor in a process.

- Two processors in two living threads end the process (GraalVM); all threads use the one, in turn.
- A forked child makes its own. It never lets go of its parent's: freeing that would reach into threads that it has not.
- `disallow-doctype-decl` holds for the process. Saxon reads what lxml has read, so that no declaration can tell them apart.
"""

import os
from collections.abc import Iterator, Sequence
from threading import RLock

from lxml import etree
from saxonche import PySaxonApiError, PySaxonProcessor, PyXdmNode, PyXsltExecutable

from distribution.documents.validation.findings import CRASH, Finding, Severity
from distribution.documents.validation.ruleset import Check, RuleSet
from distribution.documents.validation.stylesheet import stylesheet
from distribution.documents.validation.where import Places

NO_DOCTYPE = "http://saxon.sf.net/feature/parserFeature?uri=http://apache.org/xml/features/disallow-doctype-decl"
KEPT = 6  # compiled sets: two releases of two layers, and room for a change


class Engine:
    def __init__(self) -> None:
        self._saxon = PySaxonProcessor(license=False)
        self._saxon.set_configuration_property(NO_DOCTYPE, "true")
        self._compiled: dict[
            int, tuple[RuleSet, PyXsltExecutable]
        ] = {}  # by identity; kept alive, so that none is reused

    def findings(self, root: etree._Element, sets: Sequence[RuleSet]) -> list[Finding]:
        """Of each set in turn; the document is read once. A set that crashes is a fatal finding, never a pass."""
        try:
            document = self._saxon.parse_xml(xml_text=etree.tostring(root, encoding="unicode"))
        except PySaxonApiError as error:
            return [_crash("Saxon", error)]
        places = Places(root)
        return [finding for rules in sets for finding in self._of_set(rules, document, places)]

    def compile(self, rules: RuleSet) -> PyXsltExecutable:
        """Raises PySaxonApiError."""
        if id(rules) not in self._compiled:
            if len(self._compiled) >= KEPT:
                self._compiled.pop(next(iter(self._compiled)))
            compiler = self._saxon.new_xslt30_processor()
            self._compiled[id(rules)] = rules, compiler.compile_stylesheet(stylesheet_text=stylesheet(rules))
        return self._compiled[id(rules)][1]

    def _of_set(self, rules: RuleSet, document: PyXdmNode, places: Places) -> Iterator[Finding]:
        try:
            failed = self.compile(rules).transform_to_string(xdm_node=document)
        except PySaxonApiError as error:
            yield _crash(rules.name, error)
            return
        checks = tuple(rules.checks) if failed else ()
        for line in (failed or "").splitlines():
            yield _failed(line, checks, places) if line[0].isdigit() else _crash(rules.name, line[2:])


def _failed(line: str, checks: Sequence[Check], places: Places) -> Finding:
    check, place, attribute = line.split(" ")
    where, one = places.of(places.numbered(int(place))), checks[int(check)]
    return Finding(one.rule, one.severity, f"{where}/{attribute}" if attribute else where, one.text)


def _crash(what: str, said: object) -> Finding:
    return Finding(CRASH, Severity.FATAL, "/", f"{what}: {str(said).strip() or type(said).__name__}")


_lock = RLock()
_engine: Engine | None = None
_abandoned: list[Engine] = []


def findings(root: etree._Element, sets: Sequence[RuleSet]) -> list[Finding]:
    with _lock:
        return _of_this_process().findings(root, sets)


def refusal(rules: RuleSet) -> str:
    """Why Saxon can't compile these rules, or ''."""
    try:
        with _lock:
            _of_this_process().compile(rules)
    except PySaxonApiError as error:
        return str(error).strip() or type(error).__name__
    return ""


def _of_this_process() -> Engine:
    global _engine
    if _engine is None:
        _engine = Engine()
    return _engine


def _forget_in_child() -> None:
    """The lock too: the thread that held it is not in the child."""
    global _engine, _lock
    if _engine is not None:
        _abandoned.append(_engine)
    _engine, _lock = None, RLock()


os.register_at_fork(after_in_child=_forget_in_child)
