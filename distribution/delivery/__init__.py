"""The engine. A row is the queue; a claim is a lease with a fence; an attempt is written down before it is made.

plan -> Delivery(queued) -> run: claim -> facts, decide -> freeze -> begin (sending + attempt, committed) -> send -> record

The six points where a process may die, and what finds the row again: before the claim, after it and before the call the row
is queued and its lease runs out; from `begin` on it is `sending`, and the sweep asks the outside by its key; after `record`
there is nothing to mend. Nobody else writes `Delivery.status` than `move`.
"""

from distribution.delivery.ledger import LostClaim, move
from distribution.delivery.ordering import cancel, resend, settle, undo, ways
from distribution.delivery.planning import OpenRun, plan
from distribution.delivery.returning import NotYet
from distribution.delivery.running import finish, run
from distribution.delivery.sweeping import sweep

__all__ = [
    "LostClaim",
    "NotYet",
    "OpenRun",
    "cancel",
    "finish",
    "move",
    "plan",
    "resend",
    "run",
    "settle",
    "sweep",
    "undo",
    "ways",
]
