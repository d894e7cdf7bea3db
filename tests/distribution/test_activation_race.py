"""Activation by real processes: two at once, and one that is killed outright in the middle of it (T33, T35, F36)."""

import json
import random
import signal
import subprocess
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction

from customers.models import Company, Customer, Method
from distribution.activation import activate, edit_proposals, undo_edits
from distribution.models import Activation, MethodChange, ProposalEdit
from tests.activating import activating
from tests.factories import make_company
from tests.processes import PATIENCE, environment

pytestmark = pytest.mark.database
METHODS = (Method.EMAIL, Method.EINVOICE, Method.SELF)
EDITED = 7  # every seventh proposal was changed by hand
AMONG_CHANGES = (5, 6)  # statements; from the second on the history is written and customers are being changed
MISJUDGED = 3_000  # customers: enough for a plan made for one to be felt


@pytest.fixture
def many(request: pytest.FixtureRequest) -> int:
    return 100_000 if request.config.getoption("--long") else 1_000


@pytest.fixture
def env(committed: str, data_dir: Path) -> dict[str, str]:
    return environment(data_dir, committed)


def company_of(many: int) -> Company:
    company = make_company(activated=False)
    Customer.objects.bulk_create(
        (
            Customer(company=company, number=str(n), name=f"Kunde {n}", method=METHODS[n % len(METHODS)])
            for n in range(many)
        ),
        batch_size=1000,
    )
    edited = company.customers.order_by("pk").values_list("pk", flat=True)[::EDITED]
    ProposalEdit.objects.bulk_create(
        (ProposalEdit(customer_id=pk, method=Method.SELF) for pk in edited), batch_size=1000
    )
    return company


def methods_of(company: Company) -> dict[int, str]:
    return dict(company.customers.order_by("pk").values_list("pk", "method"))


def wanted_from(before: dict[int, str]) -> dict[int, str]:
    """What the activation owes each customer."""
    edited = set(list(before)[::EDITED])
    return {
        pk: Method.SELF if pk in edited or method == Method.SELF else Method.AUTOINVOICE
        for pk, method in before.items()
    }


def activated_wholly(company: Company, before: dict[int, str]) -> bool:
    """All of it or none of it, whichever: anything between the two fails here."""
    with transaction.atomic():
        # The lock waits for a dead process's transaction to be over: its server may still be at its last statement.
        now = Company.objects.select_for_update().get(pk=company.pk)
        made = list(Activation.objects.filter(company=company))
        history = {
            change.customer_id: (change.before, change.after)
            for change in MethodChange.objects.filter(activation__company=company)
        }
        rows = MethodChange.objects.filter(activation__company=company).count()
        methods = methods_of(company)
    if not made:
        assert (now.activated_at, rows, methods) == (None, 0, before)
        return False
    wanted = wanted_from(before)
    assert [one.at for one in made] == [now.activated_at]
    assert methods == wanted
    assert rows == len(before)
    assert history == {pk: (before[pk], wanted[pk]) for pk in before}
    return True


def completes(company: Company, before: dict[int, str]) -> bool:
    """Whether activating it once more was what activated it; afterwards it is, wholly and once."""
    first = activate(Company.objects.get(pk=company.pk), None).first
    assert activated_wholly(company, before)
    return first


def go(*processes: subprocess.Popen[str]) -> None:
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()


def said_by(process: subprocess.Popen[str]) -> dict[str, Any]:
    said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    answer: dict[str, Any] = json.loads(said)
    return answer


def died(process: subprocess.Popen[str]) -> bool:
    process.communicate(timeout=PATIENCE)
    return process.returncode == -signal.SIGKILL


def test_a_company_that_came_after_the_statistics_is_activated_and_its_edits_undone_as_any_other(
    committed: str, many: int
) -> None:
    """PostgreSQL takes it to have one customer. Plans made for that walked through all of them for each of them."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite keeps no statistics of ours")
    many = max(many, MISJUDGED)
    with connection.cursor() as cursor:
        with transaction.atomic():
            company_of(many)
            transaction.set_rollback(True)
        cursor.execute("ANALYZE")
        cursor.execute(f"SET statement_timeout = '{PATIENCE}s'")
    company, batch = company_of(many), uuid4()
    before = methods_of(company)

    assert edit_proposals(company.customers.all(), Method.SELF, None, batch) == many
    assert undo_edits(company, batch) == many
    assert activate(company, None).first
    assert activated_wholly(company, before)


def test_T33_two_processes_at_once_make_one_activation(env: dict[str, str], many: int) -> None:
    company = company_of(many)
    before = methods_of(company)

    with activating(company.pk, env) as one, activating(company.pk, env) as other:
        go(one, other)
        answers = [said_by(one), said_by(other)]

    assert sorted(answer["first"] for answer in answers) == [False, True]
    assert len({answer["activation"] for answer in answers}) == 1
    assert activated_wholly(company, before)


def test_T35_killed_after_each_of_its_statements_it_has_changed_nothing(env: dict[str, str], many: int) -> None:
    with activating(company_of(1).pk, env) as whole:
        go(whole)
        statements = said_by(whole)["statements"]
    assert statements >= 7  # lock, agreement, activation, history, customers twice, company; SQLite counts its BEGIN

    for number in range(1, statements + 1):
        company = company_of(many)
        before = methods_of(company)
        with activating(company.pk, env, dies_after=number) as process:
            go(process)
            assert died(process)

        assert not activated_wholly(company, before), f"after statement {number}"
        assert completes(company, before)


def test_T35_killed_at_any_moment_it_has_changed_all_or_nothing(
    env: dict[str, str], many: int, request: pytest.FixtureRequest
) -> None:
    dice, kills = random.Random(35), 25 if request.config.getoption("--long") else 5
    with activating(company_of(many).pk, env) as whole:
        started = time.monotonic()
        go(whole)
        assert whole.stdout is not None
        assert whole.stdout.readline()
        takes = time.monotonic() - started

    for _ in range(kills):
        company = company_of(many)
        before = methods_of(company)
        with activating(company.pk, env) as process:
            go(process)
            time.sleep(dice.random() * takes)
            process.kill()
            process.communicate()

        made = activated_wholly(company, before)
        assert completes(company, before) is not made


@pytest.mark.parametrize("dies_after", AMONG_CHANGES)
def test_T35_the_other_of_two_completes_what_the_killed_one_began(
    env: dict[str, str], many: int, dies_after: int
) -> None:
    """It waits for the one that is to die, or went before it: either way it is the one that activates."""
    company = company_of(many)
    before = methods_of(company)

    with activating(company.pk, env, dies_after) as mortal, activating(company.pk, env) as other:
        go(mortal, other)
        answer = said_by(other)
        died(mortal)

    assert answer["first"]
    assert activated_wholly(company, before)
