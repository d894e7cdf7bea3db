"""One call to the API, as the company whose keys are given.

`call` returns what was said, whatever its status. NotSent (and its TryLater) means that nothing of the call arrived, Unanswered
that it may have; KeysRefused that the provider doesn't take the keys, also with a fresh token: nothing was done either.
"""

import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from distribution import http
from distribution.account import Account
from distribution.autoinvoice.breaker import BREAKERS, TryLater
from distribution.http import Answer, NotSent, Unanswered

MARGIN = 60  # seconds before its end that a token is no longer used
MAX_BYTES = 10_000_000  # of an answer; a hundred invoices with their actions are far below
GRANTS = "/oauth2/token"
FAMILIES = ("/v1/invoices", "/v1/lookup", GRANTS)  # each with its breaker; all other calls share one
UNSAID = 10.0  # seconds of pause after a 429 that names none
SCOPES = "global company lookup company:read company:write document:receive document:send invoice:receive invoice:send"
_tokens: dict[str, tuple[str, float]] = {}  # per process: by a hash of the keys, with the monotonic time of its end


class KeysRefused(Exception):
    """The provider's words about why this company is not served."""


@dataclass(frozen=True, slots=True)
class Said:
    """`facts` is the JSON of the answer, None where it is none; `words` what it says of an error."""

    status: int
    facts: Any
    words: str
    later: float  # seconds that the provider asks us to wait; 0: it does not
    body: bytes

    @property
    def good(self) -> bool:
        return 200 <= self.status < 300


def call(
    account: Account,
    method: str,
    path: str,
    *,
    seconds: float,
    query: Iterable[tuple[str, str]] = (),
    facts: object = None,
    data: Mapping[str, Any] | None = None,
    files: Any = None,
) -> Said:
    """`facts` go as JSON, `data` and `files` as a form. `seconds` is for all of it, the token included."""
    ends = time.monotonic() + seconds
    asked = urlencode(list(query))
    target = f"{path}?{asked}" if asked else path
    content = None if facts is None else json.dumps(facts).encode()
    kind = {} if facts is None else {"Content-Type": "application/json"}
    for fresh in (False, True):
        headers = {
            **kind,
            "Authorization": f"Bearer {_token(account, ends, fresh=fresh)}",
            "Accept": "application/json",
        }
        answer = _guarded(account, method, target, ends, headers=headers, content=content, data=data, files=files)
        if answer.status != 401:
            return _said(answer, account)
    raise KeysRefused(_said(answer, account).words)


def _token(account: Account, ends: float, *, fresh: bool) -> str:
    """The kept one while it lasts. Whatever goes wrong here, nothing of the call itself was sent."""
    name = hashlib.sha256("\n".join(_keys(account)).encode()).hexdigest()
    token, good_until = _tokens.get(name, ("", 0.0))
    if token and not fresh and time.monotonic() < good_until:
        return token
    try:
        answer = _guarded(account, "POST", GRANTS, ends, data=_grant(account))
    except Unanswered as error:
        raise NotSent(str(error)) from error
    said = _said(answer, account)
    if said.status in (400, 401, 403):
        raise KeysRefused(said.words)
    if not said.good or not _is_token(said.facts):
        raise TryLater(said.words, said.later)
    lasts = float(said.facts["expires_in"]) - MARGIN
    _tokens[name] = (said.facts["access_token"], time.monotonic() + lasts)
    return str(said.facts["access_token"])


def _grant(account: Account) -> dict[str, str]:
    return {
        "grant_type": "client_credentials",
        "client_id": account.company_uuid,
        "client_secret": account.user_api_key,
        "vendor_api_key": settings.AUTOINVOICE_VENDOR_KEY,
        "scope": SCOPES,
    }


def _is_token(facts: Any) -> bool:
    if not isinstance(facts, dict):
        return False
    token, lasts = facts.get("access_token"), facts.get("expires_in")
    return isinstance(token, str) and bool(token) and token.isascii() and isinstance(lasts, int | float)


def _guarded(account: Account, method: str, target: str, ends: float, **how: Any) -> Answer:
    """Through the breaker of its family: an answer of 5xx counts as none."""
    family = next((start for start in FAMILIES if target.startswith(start)), "")
    breaker, who = BREAKERS[settings.AUTOINVOICE_URL, family], account.fingerprint
    breaker.enter(who)
    left = ends - time.monotonic()
    if left <= 0:
        raise NotSent("deadline")
    answer = None
    try:
        answer = http.call(method, f"{settings.AUTOINVOICE_URL}{target}", seconds=left, max_bytes=MAX_BYTES, **how)
    finally:
        answered = answer is not None and answer.status < 500
        breaker.leave(who, answered=answered, wait=_asked_to_wait(answer) if answer else 0)
    return answer


def _asked_to_wait(answer: Answer) -> float:
    """Seconds; an overload may leave it to us how long, a maintenance that says nothing is for the breaker."""
    if answer.status not in (429, 503):
        return 0
    pause = http.retry_after(answer)
    if pause is None:
        return UNSAID if answer.status == 429 else 0
    return pause.total_seconds()


def _said(answer: Answer, account: Account) -> Said:
    try:
        facts = json.loads(answer.body)
    except (ValueError, RecursionError):  # nested deeper than Python goes
        facts = None
    pause = http.retry_after(answer)
    words = _without_keys(_words(answer.status, facts), account)
    return Said(answer.status, facts, words, pause.total_seconds() if pause else 0, answer.body)


def _words(status: int, facts: Any) -> str:
    """`{"code", "message", "details": []}`; OAuth has `error` and `error_description`."""
    named = facts if isinstance(facts, dict) else {}
    parts = [named.get(name) for name in ("code", "error", "message", "error_description")]
    details = named.get("details")
    parts += details if isinstance(details, list) else []
    said = ": ".join(str(part) for part in parts if part)
    return f"{status} {said}".strip()[:400]


def _without_keys(words: str, account: Account) -> str:
    """What a provider says is kept and shown; it must not hand our keys back to us."""
    for key in _keys(account):
        words = words.replace(key, "…") if len(key) >= 8 else words
    return words


def _keys(account: Account) -> tuple[str, str, str]:
    return account.company_uuid, account.user_api_key, str(settings.AUTOINVOICE_VENDOR_KEY)
