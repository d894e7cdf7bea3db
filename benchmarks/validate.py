"""What it costs to check a document: `check` as a worker calls it (parse, schema, EN 16931, Peppol's rules, preflight).

Beside it, in turn and on the same bytes, plain saxonche as its documentation shows it: one processor, CEN's XSLT as published,
Peppol's schematron written out plainly (nobody publishes an XSLT of it), the document parsed once for both, the reports read
with lxml. It checks neither the schema nor anything of ours. peppol-py is on no registry in a release with these rules; its
documented way, which compiles the XSLT in each call, is imitated with the same files.

Start and memory are those of a process that does nothing else. Needs EHF_RULES_DIR or the shared data beside the project.
"""

import argparse
import gc
import json
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.common import finish, in_a_process, say
from tests.distribution.documents.samples import invoice
from tests.distribution.documents.validation.plainly import RELEASES, RULES, plain_stylesheet

LINES = {3: 200, 10: 120, 100: 40, 1000: 7, 10_000: 2}
MOST_RATIO, MOST_START, MOST_MB = 0.75, 1.5, 250
WARM = 200
SETTLED = 500  # documents after which the heap has its size


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("part", nargs="?", choices=["start", "memory"], help="what runs in a process of its own")
    arguments.add_argument("--documents", type=int, default=2000, help="for the memory; 20000 takes minutes")
    chosen = arguments.parse_args()
    set_up()
    if chosen.part == "start":
        print(json.dumps(start()))
    elif chosen.part == "memory":
        print(json.dumps(memory(chosen.documents)))
    else:
        compare(chosen.documents)


def set_up() -> None:
    import django

    folder = tempfile.mkdtemp(prefix="autoinvoice-benchmark-")
    os.environ.update({"DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "autoinvoice_site.settings", "LOG_LEVEL": "ERROR"})
    os.environ.setdefault("EHF_RULES_DIR", str(RULES))
    django.setup()


def compare(documents: int) -> None:
    begun = in_a_process("benchmarks.validate", "start")
    grown = in_a_process("benchmarks.validate", "memory", "--documents", str(documents))
    ms, plain_ms, ratio = {}, {}, {}
    plainly = plain()
    for _warm in range(WARM):
        ours(document(3)), plainly(document(3))
    for lines, times in LINES.items():
        ms[lines], plain_ms[lines] = in_turn(document(lines), times, ours, plainly)
        ratio[lines] = round(ms[lines] / plain_ms[lines], 2)
        say(f"{lines} lines: {ms[lines]} ms, plainly {plain_ms[lines]} ms, ratio {ratio[lines]}")
    recompiled = statistics.median(seconds(recompiling, document(3)) for _time in range(3)) * 1000
    held = max(ratio.values()) <= MOST_RATIO and begun["start_s"] <= MOST_START and grown["rss_mb"] <= MOST_MB
    facts = {"ms": ms, "plain_ms": plain_ms, "ratio": ratio, "ratio_recompile": round(ms[3] / recompiled, 4)}
    finish(**facts, recompile_ms=round(recompiled), **begun, **grown, held=held)
    sys.exit(0 if held else 1)


def document(lines: int) -> bytes:
    from distribution.documents.ubl import write

    return write(invoice(lines))


def ours(content: bytes) -> None:
    from distribution.documents.validation.check import check

    result = check(content)
    if result.fatal or len(result.layers) != 4:
        raise SystemExit(f"not a run worth measuring: {result}")


def plain() -> Callable[[bytes], None]:
    """One processor in a process: the engine's, which is what saxonche asks of everybody."""
    from distribution.documents.validation import compiled, engine

    saxon = engine._of_this_process()._saxon
    sheets = compiled.published_cen().decode(), plain_stylesheet(RULES / RELEASES[-1] / "PEPPOL-EN16931-UBL.sch")
    rules = [saxon.new_xslt30_processor().compile_stylesheet(stylesheet_text=sheet) for sheet in sheets]

    def check(content: bytes) -> None:
        from lxml import etree

        node = saxon.parse_xml(xml_text=content.decode().partition("?>")[2])
        for one in rules:
            etree.fromstring(one.transform_to_string(xdm_node=node).encode())

    return check


def recompiling(content: bytes) -> None:
    plain()(content)


def in_turn(content: bytes, times: int, *checks: Callable[[bytes], None]) -> list[float]:
    """The median of each, in ms."""
    taken: list[list[float]] = [[] for _check in checks]
    for _time in range(times + 1):
        for kept, check in zip(taken, checks, strict=True):
            kept.append(seconds(check, content))
    return [round(statistics.median(kept[1:]) * 1000, 2) for kept in taken]


def seconds(check: Callable[[bytes], None], content: bytes) -> float:
    began = time.perf_counter()
    check(content)
    return time.perf_counter() - began


def start() -> dict[str, float]:
    """From a process with Django in it to the first verdict: Saxon, both sets of rules and the schema."""
    content = document(3)
    return {"start_s": round(seconds(ours, content), 2)}


def memory(documents: int) -> dict[str, float]:
    contents = [document(lines) for lines in (1, 3, 5, 10, 30)]
    before = 0
    for number in range(documents):
        ours(contents[number % len(contents)])
        if number == min(SETTLED, documents // 2):
            before = resident()
    after = resident()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "rss_mb": round(after / 2**20),
        "peak_mb": round(peak),
        "grown_mb": round((after - before) / 2**20, 1),
        "documents": documents,
    }


def resident() -> int:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
