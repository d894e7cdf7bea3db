"""A process that activates one company when told to, and may kill itself on the way.

`python -m tests.activating <company's id> <dies after this statement of the transaction, 0: it lives>` writes "ready", waits
for a line, activates, and writes {"first", "activation", "statements"} as JSON.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from autoinvoice_site.environment import BASE_DIR
from autoinvoice_site.lifeline import end_with


class Statements:
    """Counts what goes to the database, and is killed outright when one of them has been carried out."""

    def __init__(self, dies_after: int) -> None:
        self.number, self.dies_after = 0, dies_after

    def __call__(self, execute: Callable[..., Any], *words: Any) -> Any:
        result = execute(*words)
        self.number += 1
        if self.number == self.dies_after:
            os.kill(os.getpid(), signal.SIGKILL)
        return result


def main(company_id: int, dies_after: int) -> None:
    import django

    django.setup()
    from django.db import connection

    from customers.models import Company
    from distribution.activation import activate

    company = Company.objects.get(pk=company_id)
    print("ready", flush=True)
    sys.stdin.readline()
    statements = Statements(dies_after)
    with connection.execute_wrapper(statements):
        made = activate(company, None)
    answer = {"first": made.first, "activation": made.activation.pk, "statements": statements.number}
    print(json.dumps(answer), flush=True)


@contextmanager
def activating(company_id: int, env: dict[str, str], dies_after: int = 0) -> Iterator[subprocess.Popen[str]]:
    """Started and ready: it goes at the first line that it gets."""
    me = os.getpid()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.activating", str(company_id), str(dies_after)],
        env={**env, "DJANGO_SETTINGS_MODULE": "autoinvoice_site.settings"}, cwd=BASE_DIR, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, preexec_fn=lambda: end_with(me),
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.communicate()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
