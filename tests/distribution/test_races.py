"""Two real processes, or threads, that want the same at once."""

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Barrier

import pytest
from django.db import connections

from autoinvoice_site.environment import BASE_DIR
from customers.models import Membership, Role
from distribution import links
from distribution.delivery import cancel
from tests.factories import kinds, make_company, make_customer, make_user, queue
from tests.linking import linking_company, mailed
from tests.processes import environment

pytestmark = pytest.mark.database


def test_F7_two_processes_that_resend_at_once_make_one_delivery(committed: str, data_dir: Path, tmp_path: Path) -> None:
    row = queue(make_customer(make_company(), email="kunde@firma.test"))
    cancel(row, make_user())
    program = (
        "import sys, time, pathlib, django; django.setup()\n"
        "from distribution.delivery import resend\n"
        "from distribution.delivery.ordering import NotNow\n"
        "from distribution.models import Invoice\n"
        "invoice, go = Invoice.objects.get(), pathlib.Path(sys.argv[1])\n"
        "print('ready', flush=True)\n"
        "while not go.exists(): time.sleep(0.001)\n"
        "try: resend(invoice, None)\n"
        "except NotNow: print('not now')\n"
        "else: print('ordered')\n"
    )
    env = {**environment(data_dir, committed), "DJANGO_SETTINGS_MODULE": "autoinvoice_site.settings"}
    command = [sys.executable, "-c", program, str(tmp_path / "go")]
    both = [
        subprocess.Popen(command, env=env, cwd=BASE_DIR, stdout=subprocess.PIPE, text=True, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    for one in both:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    (tmp_path / "go").touch()

    said = sorted(one.communicate(timeout=60)[0].strip() for one in both)

    assert said == ["not now", "ordered"]
    assert row.invoice.deliveries.count() == 2


def test_of_two_admins_who_step_down_at_once_one_stays(committed: str, data_dir: Path, tmp_path: Path) -> None:
    company = make_company(activated=False)
    both = [Membership.objects.create(user=make_user(), company=company, role=Role.ADMIN) for _ in range(2)]
    program = (
        "import sys, time, pathlib, django; django.setup()\n"
        "from django.core.exceptions import ValidationError\n"
        "from customers import members\n"
        "from customers.models import Membership, Role\n"
        "mine, go = Membership.objects.get(pk=sys.argv[1]), pathlib.Path(sys.argv[2])\n"
        "keep = members._keep_an_admin\n"
        "members._keep_an_admin = lambda one: (keep(one), time.sleep(0.5))\n"
        "print('ready', flush=True)\n"
        "while not go.exists(): time.sleep(0.001)\n"
        "try: members.change_role(mine, Role.ACCOUNTANT)\n"
        "except ValidationError: print('stays')\n"
        "else: print('gone')\n"
    )
    env = {**environment(data_dir, committed), "DJANGO_SETTINGS_MODULE": "autoinvoice_site.settings"}
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(one.pk), str(tmp_path / "go")],
            env=env,
            cwd=BASE_DIR,
            stdout=subprocess.PIPE,
            text=True,
        )
        for one in both
    ]
    for one in started:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    (tmp_path / "go").touch()

    said = sorted(one.communicate(timeout=60)[0].strip().splitlines()[-1] for one in started)

    assert said == ["gone", "stays"]
    assert sorted(company.memberships.values_list("role", flat=True)) == [Role.ACCOUNTANT, Role.ADMIN]


def test_R13_a_link_that_many_open_and_withdraw_at_once_tells_each_once(committed: str) -> None:
    seen, user, go = mailed(linking_company()).links.get(), make_user(), Barrier(8)

    def at_once(act: Callable[[], object]) -> object:
        go.wait(30)
        try:
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        opened = [pool.submit(at_once, partial(links.note_opening, seen)) for _ in range(4)]
        withdrawn = [pool.submit(at_once, partial(links.withdraw, seen, user)) for _ in range(4)]

    assert [one.result() for one in opened] == [None] * 4
    assert sorted(bool(one.result()) for one in withdrawn) == [False, False, False, True]
    assert kinds(seen.invoice).count("link_opened") == kinds(seen.invoice).count("link_withdrawn") == 1
