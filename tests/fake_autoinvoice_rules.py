"""What the fake AutoInvoice knows and decides; `tests.fake_autoinvoice` is its socket. As strict as the API is described.

An answer is (status, body); a body that is bytes goes out as it is, anything else as JSON.
"""

import hashlib
import random
import secrets
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qs

FORMATS = {"VISMAXML53", "VISMAXML60", "EHF20", "PEPPOLBIS20", "PEPPOLBIS30", "FINVOICE30", "TEAPPS30"}
FIELDS = {
    "file", "format", "recipient_type", "recipient_eia", "recipient_operator", "recipient_email", "disabled_routes[]",
    "sender_comment", "uuid", "lang", "route_order[]", "recipient_phone_number", "recipient_date_of_birth",
    "recipient_efaktura_id", "b2cno_document_type", "payment_instruction_identifier",
}  # fmt: skip
CONSUMERS = ("recipient_phone_number", "recipient_date_of_birth", "recipient_efaktura_id", "recipient_email")
DOCUMENTS = {
    "INVOICE",
    "CREDIT_NOTE",
    "REMINDER",
    "COLLECTION_NOTICE",
    "DUNNING",
    "PAYMENT_REQUEST",
    "ENFORCEMENT_WARNING",
}
ROUTES = {"netbank", "vipps", "dpi", "email", "print", "silent_failure"}
REFUSED = {
    "refuse_recipient": (422, "receiver_not_found", "Receiver does not accept EHF"),
    "refuse_document": (422, "invalid_document", "BR-CO-15 failed"),
    "duplicate": (422, "duplicate", "Duplicate invoice"),
    "quota": (402, "quota", "Out of credit"),
    "forbidden": (403, "no_rights", "User has no rights to company"),
    "temporary": (503, "maintenance", "Try again"),
    "server_error": (500, "internal", "Something broke"),
    "busy": (429, "rate_limit", "Too many requests"),
}
RETRY_AFTER = {"temporary": 40, "busy": 70}
Answer = tuple[int, Any]


@dataclass
class Invoice:
    """`times` counts how often it was taken in: more than once is what must never be."""

    company: str
    form: dict[str, list[str]]
    filename: str
    content: bytes
    number: str
    status: str = "PENDING"
    times: int = 1
    fate: str = ""  # the one that was drawn for it
    messages: list[str] = field(default_factory=list)

    def entity(self, uuid: str) -> dict[str, Any]:
        actions = [{"type": "CREATED", "channel": "EINVOICE", "message": "", "happened_at": "2026-11-24T08:00:00Z"}]
        actions += [{"type": "ERROR", "channel": "EINVOICE", "message": one} for one in self.messages]
        files = [{"id": "1", "filename": self.filename, "type": "ORIGINAL", "mimetype": "application/xml"}]
        return {"id": uuid, "status": self.status, "number": self.number, "actions": actions, "files": files}


@dataclass
class Provider:
    invoices: dict[str, Invoice] = field(default_factory=dict)
    again: int = 0
    tokens: dict[str, str] = field(default_factory=dict)  # the company's uuid by token
    keys: dict[str, str] = field(default_factory=dict)  # user_api_key by company uuid; anything goes while it is empty
    vendor_key: str = ""
    directory: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    hooks: list[dict[str, Any]] = field(default_factory=list)  # what it would have called, in order
    notifications: list[dict[str, Any]] = field(default_factory=list)
    chance: dict[str, float] = field(default_factory=dict)
    coming: list[str] = field(default_factory=list)
    fates: dict[str, float] = field(default_factory=dict)
    dice: random.Random = field(default_factory=lambda: random.Random(1))

    def fault(self) -> str:
        if self.coming:
            return self.coming.pop(0)
        return self._draw(self.chance)

    def token(self, form: dict[str, list[str]]) -> Answer:
        if form.get("grant_type") != ["client_credentials"]:
            return 400, {"error": "unsupported_grant_type"}
        company, key = form.get("client_id", [""])[0], form.get("client_secret", [""])[0]
        if form.get("vendor_api_key") != [self.vendor_key] or (self.keys and self.keys.get(company) != key):
            return 401, {"error": "invalid_client", "error_description": f"no such keys: {key}"}
        token = secrets.token_hex(16)
        self.tokens[token] = company
        return 200, {"access_token": token, "token_type": "bearer", "expires_in": 3600, "scope": "global company"}

    def offer(self, company: str, parts: dict[str, list[Message]]) -> Answer:
        form = {name: [_text(part) for part in found] for name, found in parts.items() if name != "file"}
        file = parts.get("file", [None])[0]
        if wrong := _wrong_with(form, file):
            return 400, {"code": "invalid_parameters", "message": wrong, "details": []}
        assert file is not None
        if form["recipient_type"] == ["consumer"] and self.directory.get("b2cno", "ACTIVE") != "ACTIVE":
            return 422, {"code": "b2cno_not_active", "message": "The B2C agreement is not active", "details": []}
        uuid, content = form["uuid"][0], _content(file)
        if uuid in self.invoices:
            self.again += 1
            return 409, {"code": "already_exists", "message": "An invoice with this uuid was created", "details": []}
        number = content.partition(b"<cbc:ID>")[2].partition(b"<")[0].decode()
        made = self.invoices[uuid] = Invoice(company, form, file.get_filename() or "", content, number)
        if fate := self._draw(self.fates):
            made.fate = fate
            self.settle(uuid, *FATES[fate])
        return 201, {**made.entity(uuid), "status": "PENDING"}

    def settle(self, uuid: str, status: str, message: str = "") -> None:
        """What becomes of it, and the webhook that tells."""
        invoice = self.invoices[uuid]
        invoice.status = status
        invoice.messages += [message] if message else []
        self.hooks.append({"event": f"DOCUMENTS.INVOICE.{status}", "invoice": {"id": uuid}, "at": len(self.hooks)})

    def seen_by(self, company: str, uuid: str) -> Invoice | None:
        """Another company's is not there for it."""
        found = self.invoices.get(uuid)
        return found if found and found.company == company else None

    def listed(self, company: str, query: dict[str, list[str]]) -> Answer:
        asked = query.get("ids[]", [])
        if query.get("direction") != ["SENT"] or len(asked) > 100:
            return 400, {"code": "invalid_parameters", "message": "direction, ids", "details": []}
        per_page = int(query.get("per_page", ["10"])[0])
        found = [seen.entity(one) for one in asked if (seen := self.seen_by(company, one))]
        return 200, found[:per_page]

    def receivers(self, query: dict[str, list[str]]) -> Answer:
        eia = query["eia"][0]
        kinds = self.directory.get("receivers", {}).get(eia)
        if kinds == "NONSENSE":
            return 200, b"<html>"
        if kinds is None:
            return 200, []
        return 200, [{"eia": eia, "network": "PEPPOL", "document_types": [{"document_type": kind} for kind in kinds]}]

    def consumers(self, query: dict[str, list[str]]) -> Answer:
        who = next(query[name][0] for name in ("ssn", "phone_number", "email") if name in query)
        found = self.directory.get("consumers", {}).get(who, "NOT_RECEIVING")
        if found == "NONSENSE":
            return 200, b"<html>"
        route = found if isinstance(found, dict) else {"status": found}
        return 200, {"reference_id": "1", "routes": {"yes2all": route}}

    def command(self, wanted: dict[str, Any]) -> None:
        faults = {*wanted.get("chance", {}), *wanted.get("next", [])}
        unknown = faults - REFUSED.keys() - set(CALAMITIES) - {""} | set(wanted.get("fates", {})) - FATES.keys()
        if unknown:
            raise ValueError(f"no such fault: {unknown}")
        self.chance, self.coming = wanted.get("chance", {}), list(wanted.get("next", []))
        self.fates = wanted.get("fates", {})
        self.dice = random.Random(wanted.get("seed", 1))

    def _draw(self, shares: dict[str, float]) -> str:
        draw = self.dice.random() if shares else 1.0
        for name, share in shares.items():
            if draw < share:
                return name
            draw -= share
        return ""


CALAMITIES = (
    "accept_then_hang", "accept_then_cut", "reset_before", "reset_after", "wrong_answer", "wrong_json", "slow", "expired_token",
)  # fmt: skip
FATES = {
    "delivered": ("DELIVERED", ""),
    "lost_recipient": ("FAILED", "Receiver not found"),
    "bad_document": ("FAILED", "Duplicate invoice"),
    "unknown_failure": ("FAILED", "E-77"),
}


def parts_of(content_type: str, body: bytes) -> dict[str, list[Message]]:
    """A multipart form by name."""
    whole = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    found: dict[str, list[Message]] = {}
    for part in whole.iter_parts():
        found.setdefault(str(part.get_param("name", header="content-disposition")), []).append(part)
    return found


def form_of(body: bytes) -> dict[str, list[str]]:
    return parse_qs(body.decode())


def truth_of(provider: Provider) -> dict[str, Any]:
    return {
        uuid: {
            "status": one.status,
            "times": one.times,
            "fate": one.fate,
            "form": one.form,
            "sha256": hashlib.sha256(one.content).hexdigest(),
        }
        for uuid, one in provider.invoices.items()
    }


def _wrong_with(form: dict[str, list[str]], file: Message | None) -> str:
    if file is None or not file.get_filename():
        return "file must carry a filename"
    if unknown := form.keys() - FIELDS:
        return f"no such field: {sorted(unknown)}"
    if form.get("format", [""])[0] not in FORMATS:
        return "format"
    if not form.get("uuid", [""])[0]:
        return "uuid"
    if form.get("recipient_type") not in (["b2b"], ["consumer"]):
        return "recipient_type"
    if set(form.get("disabled_routes[]", [])) - {"print", "email", "einvoice"}:
        return "disabled_routes"
    return _wrong_with_consumer(form) if form["recipient_type"] == ["consumer"] else _wrong_with_business(form)


def _wrong_with_business(form: dict[str, list[str]]) -> str:
    if "route_order[]" in form:
        return "route_order"
    return "" if any(form.get("recipient_eia", [])) else "recipient_eia"


def _wrong_with_consumer(form: dict[str, list[str]]) -> str:
    if not form.get("route_order[]") or set(form["route_order[]"]) - ROUTES:
        return "route_order"
    if set(form.get("b2cno_document_type", [])) - DOCUMENTS:
        return "b2cno_document_type"
    if not any(any(form.get(name, [])) for name in CONSUMERS):
        return "a consumer whom nothing names"
    phone = form.get("recipient_phone_number", ["+47"])[0]
    return "" if phone.startswith("+") and phone[1:].isdigit() else "recipient_phone_number"


def _text(part: Message) -> str:
    return _content(part).decode()


def _content(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content
