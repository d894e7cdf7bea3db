"""Two real processes that want the same at once."""

import subprocess
import sys
from pathlib import Path

import pytest

from autoinvoice_site.environment import BASE_DIR
from distribution.delivery import cancel
from tests.factories import make_company, make_customer, make_user, queue
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
