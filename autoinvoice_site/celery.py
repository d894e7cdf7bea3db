"""The Celery application: `celery -A autoinvoice_site worker -B`."""

import os
import socket
import threading
from typing import Any

from celery import Celery
from celery.signals import beat_embedded_init, worker_process_init, worker_ready, worker_shutting_down

from autoinvoice_site.lifeline import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "autoinvoice_site.settings")
app = Celery("autoinvoice_site")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

worker_process_init.connect(die_with_parent)
beat_embedded_init.connect(die_with_parent)

SIGN_OF_LIFE_SECONDS = 10
_stopping = threading.Event()


@worker_ready.connect
def start_signs_of_life(**_: Any) -> None:
    """A row every few seconds from the worker's main process, and one sweep at once: what waited need not wait for beat."""
    from distribution.tasks import sweep

    threading.Thread(target=_show_life, name="signs-of-life", daemon=True).start()
    sweep.delay()


@worker_shutting_down.connect
def stop_signs_of_life(**_: Any) -> None:
    _stopping.set()


def _show_life() -> None:
    from django.db import DatabaseError, connection

    from distribution.heartbeat import show_life

    name = f"{socket.gethostname()}:{os.getpid()}"
    while not _stopping.is_set():
        try:
            show_life(name)
        except DatabaseError:
            connection.close()  # the next one opens its own; until then readyz says that no worker is seen
        _stopping.wait(SIGN_OF_LIFE_SECONDS)
