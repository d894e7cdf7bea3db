"""The Celery application: `celery -A autoinvoice_site worker -B`."""

import os
import socket
import threading
from typing import Any

from celery import Celery
from celery.signals import beat_embedded_init, worker_init, worker_process_init, worker_ready, worker_shutting_down
from kombu.transport import TRANSPORT_ALIASES

from autoinvoice_site.lifeline import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "autoinvoice_site.settings")
TRANSPORT_ALIASES["filesystem"] = "autoinvoice_site.broker:Transport"
app = Celery("autoinvoice_site")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

beat_embedded_init.connect(die_with_parent)

SIGN_OF_LIFE_SECONDS = 10
_stopping = threading.Event()
_LOADED_BY = os.getpid()


@worker_process_init.connect
def end_with_main_process(**_: Any) -> None:
    """A child of the pool; without a pool Celery sends this signal in the main process too, whose parent may end."""
    if os.getpid() != _LOADED_BY:
        die_with_parent()


@worker_init.connect
def load_layout(**_: Any) -> None:
    """Before the pool is forked: its children share one WeasyPrint, and none loads it while it holds a lease."""
    from distribution.documents import weasy  # noqa: F401  # loading is all


@worker_process_init.connect
def load_rules(**_: Any) -> None:
    """Before anything is claimed: a lease is for sending, not for loading."""
    from distribution.documents.validation.check import warm

    warm()


@worker_ready.connect
def start_signs_of_life(**_: Any) -> None:
    """A row every few seconds from the worker's main process, and a sweep at once: what waited need not wait for beat."""
    threading.Thread(target=_show_life, name="signs-of-life", daemon=True).start()


@worker_shutting_down.connect
def stop_signs_of_life(**_: Any) -> None:
    _stopping.set()


def _show_life() -> None:
    """And a sweep each time: beat is a process that may be killed alone, and nobody would start it again."""
    from django.db import DatabaseError, connection

    from distribution.heartbeat import show_life
    from distribution.tasks import ring_sweep

    name = f"{socket.gethostname()}:{os.getpid()}"
    while not _stopping.is_set():
        ring_sweep()
        try:
            show_life(name)
        except DatabaseError:
            connection.close()  # the next one opens its own; until then readyz says that no worker is seen
        _stopping.wait(min(SIGN_OF_LIFE_SECONDS, app.conf.beat_schedule["sweep"]["schedule"]))
