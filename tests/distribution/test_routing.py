"""Routing (R20-R28) as a pure function: one table of cases, then what holds for all facts (P3, P4, T22)."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distribution.reasons import in_words, missing
from distribution.routing import ORDER, Decision, Facts, Held, Route, Wait, allowed_channels, decide
from distribution.states import AgreementStatus, Answer, ChannelName

PLAIN = Facts(
    document_type="invoice",
    activated=True,
    method="autoinvoice",
    business=True,
    electronic_only=False,
    never_email=False,
    agreement_b2b="active",
    agreement_b2c="active",
    identifier="0192:987654325",
    registration="not_registered",
    days_to_due=14,
    address_missing=("address_line", "postcode", "town"),
    user_email="user@firma.test",
)
EMAIL: dict[str, Any] = {"emails": ("kunde@firma.test",)}
ADDRESS: dict[str, Any] = {"address": ("Kunde AS", "Gata 1", "0155 Oslo"), "address_missing": ()}
PRIVATE: dict[str, Any] = {"business": False, "identifier": "+4790012345", "registration": "registered"}


def taken(decision: Decision) -> str | None:
    if isinstance(decision, Route):
        return decision.channel.value
    return "waits" if isinstance(decision, Wait) else None


@pytest.mark.parametrize(
    ("facts", "channel"),
    [
        pytest.param({"registration": "registered", **EMAIL}, "einvoice", id="T01 registered business"),
        pytest.param(EMAIL, "email", id="T02 not registered, e-mail"),
        pytest.param(ADDRESS, "print", id="T03 neither, full address"),
        pytest.param({}, None, id="T04 nothing"),
        pytest.param({**EMAIL, **ADDRESS, "never_email": True}, "print", id="T05 never e-mail"),
        pytest.param(
            {"registration": "registered", "never_email": True, **EMAIL}, "einvoice", id="T06 never e-mail, registered"
        ),
        pytest.param({"registration": "unknown", **EMAIL, **ADDRESS}, "waits", id="T11 register is silent"),
        pytest.param({**PRIVATE, **EMAIL}, "einvoice", id="T14 consumer accepted"),
        pytest.param({**PRIVATE, "agreement_b2c": "none", **EMAIL}, "email", id="T15 no B2C agreement"),
        pytest.param(
            {**PRIVATE, "registration": "not_registered", **ADDRESS}, "print", id="T16 consumer has not accepted"
        ),
        pytest.param({**PRIVATE, "days_to_due": 3, **EMAIL}, "email", id="T17 due date too near"),
        pytest.param({**PRIVATE, "days_to_due": 4, **EMAIL}, "einvoice", id="T17 due date just far enough"),
        pytest.param({**PRIVATE, "document_type": "credit_note", **EMAIL}, "email", id="no credit note as eFaktura"),
        pytest.param({**PRIVATE, "claim": False, **EMAIL}, "email", id="no negative amount as eFaktura"),
        pytest.param({**PRIVATE, "registration": "unknown", **EMAIL}, "waits", id="consumer register is silent"),
        pytest.param(
            {"registration": "registered", "agreement_b2b": "suspended", **EMAIL}, "email", id="T38 agreement suspended"
        ),
        pytest.param({"electronic_only": True, **EMAIL, **ADDRESS}, None, id="R26 only electronic"),
        pytest.param({"method": "self", "registration": "registered", **EMAIL}, "to_user", id="R20 does it himself"),
        pytest.param({"method": "self", "user_email": ""}, None, id="R20 nobody to mail"),
        pytest.param({"refused": ("einvoice",), "registration": "registered", **EMAIL}, "email", id="R31 next channel"),
        pytest.param({"refused": ("einvoice", "email"), **EMAIL, **ADDRESS}, "print", id="R31 the one after"),
        pytest.param(
            {"refused": ("email",), "registration": "registered", **EMAIL, **ADDRESS}, "print", id="R31 never back"
        ),
        pytest.param({"refused": ("einvoice", "email", "print"), **EMAIL, **ADDRESS}, None, id="R31 all tried"),
        pytest.param(
            {"bounced": ("kunde@firma.test",), "bounced_on": "2026-11-24", **ADDRESS}, "print", id="R22 came back"
        ),
        pytest.param(
            {"bounced": ("a@firma.test",), "bounced_on": "2026-11-24", **EMAIL}, "email", id="R22 one came back"
        ),
        pytest.param({"duplicate_of": "77", **EMAIL}, None, id="R38 held"),
        pytest.param({"duplicate_of": "77", "hold_duplicates": False, **EMAIL}, "email", id="R38 switch off"),
        pytest.param({"duplicate_of": "77", "double_confirmed": True, **EMAIL}, "email", id="R38 a person said yes"),
        pytest.param(
            {"activated": False, "method": "einvoice", "registration": "registered"}, "einvoice", id="R27 einvoice"
        ),
        pytest.param({"activated": False, "method": "einvoice", **EMAIL, **ADDRESS}, None, id="R27 einvoice only"),
        pytest.param(
            {"activated": False, "method": "email", "registration": "registered", **EMAIL}, "email", id="R27 email only"
        ),
        pytest.param({"activated": False, "method": "email", **ADDRESS}, None, id="R27 no e-mail"),
        pytest.param({"activated": False, "method": "self", "user_email": ""}, "to_user", id="R27 made ready"),
        pytest.param({"chosen": "print", "registration": "registered", **EMAIL, **ADDRESS}, "print", id="R37 chosen"),
        pytest.param({"chosen": "email", "never_email": True, **EMAIL, **ADDRESS}, None, id="R37 but never e-mail"),
    ],
)
def test_it_takes_the_channel_of_the_rule(facts: dict[str, Any], channel: str | None) -> None:
    decision = decide(replace(PLAIN, **facts))

    assert taken(decision) == channel
    assert in_words(decision.reasons)


def test_T04_a_held_invoice_says_all_that_is_missing() -> None:
    decision = decide(replace(PLAIN, identifier="", registration=""))

    assert isinstance(decision, Held)
    assert missing(decision.reasons) == ["org_number", "email", "address"]
    assert "mangler gate eller postboks, postnummer, poststed" in in_words(decision.reasons)


def test_reasons_are_in_the_language_of_the_reader() -> None:
    from django.utils import translation

    decision = decide(replace(PLAIN, **EMAIL))
    with translation.override("en"):
        english = in_words(decision.reasons)

    assert english != in_words(decision.reasons)
    assert "not registered" in english


def test_R22_the_reason_names_which_address_won() -> None:
    decision = decide(replace(PLAIN, **EMAIL, email_source="has_invoice_email"))

    assert decision.reasons[-1].code == "has_invoice_email"


FACTS = st.builds(
    Facts,
    document_type=st.sampled_from(["invoice", "credit_note"]),
    activated=st.booleans(),
    method=st.sampled_from(["autoinvoice", "self", "einvoice", "email"]),
    business=st.booleans(),
    electronic_only=st.booleans(),
    never_email=st.booleans(),
    agreement_b2b=st.sampled_from(AgreementStatus.values),
    agreement_b2c=st.sampled_from(AgreementStatus.values),
    identifier=st.sampled_from(["", "0192:987654325"]),
    registration=st.sampled_from(["", *Answer.values]),
    recipient=st.sampled_from(["", "efaktura:1234"]),
    days_to_due=st.none() | st.integers(-400, 400),
    claim=st.booleans(),
    emails=st.sampled_from([(), ("kunde@firma.test",)]),
    address=st.just(("Kunde", "0155 Oslo")),
    address_missing=st.sampled_from([(), ("postcode",)]),
    user_email=st.sampled_from(["", "user@firma.test"]),
    company_email=st.sampled_from(["", "post@firma.test"]),
    refused=st.lists(st.sampled_from(ChannelName.values), max_size=5).map(tuple),
    chosen=st.sampled_from(["", "einvoice", "email", "print"]),
    duplicate_of=st.sampled_from(["", "77"]),
    hold_duplicates=st.booleans(),
    double_confirmed=st.booleans(),
)


@given(FACTS)
def test_T22_P4_do_it_myself_never_reaches_the_customer(facts: Facts) -> None:
    decision = decide(replace(facts, method="self"))

    assert not isinstance(decision, Wait)
    if isinstance(decision, Route):
        assert decision.channel == ChannelName.TO_USER
        assert set(decision.to) <= {facts.user_email, facts.company_email}


@given(FACTS)
def test_P4_never_email_and_only_electronic_hold_whatever_else_is_true(facts: Facts) -> None:
    for channel in [decide(facts), *allowed_channels(facts)]:
        name = channel.channel if isinstance(channel, Route) else channel
        assert not (facts.never_email and name == ChannelName.EMAIL)
        assert not (facts.electronic_only and name in (ChannelName.EMAIL, ChannelName.PRINT))


def test_a_no_has_the_words_of_the_register_where_it_has_some() -> None:
    def said(cause: str) -> str:
        return in_words(decide(replace(PLAIN, registration_cause=cause)).reasons)

    assert "«smp.example: expired 2026-07-21»" in said("smp.example: expired 2026-07-21")
    assert "receivers.csv" not in said("receivers.csv")  # whose answer it is says nothing to an accountant


@given(FACTS)
def test_R25_unknown_is_never_read_as_not_registered(facts: Facts) -> None:
    """Where the answer could have mattered, nothing goes on a later channel."""
    facts = replace(
        facts, registration="unknown", refused=(), chosen="", activated=True, duplicate_of="", method="autoinvoice"
    )
    known = decide(replace(facts, registration="registered"))

    if isinstance(known, Route) and known.channel == ChannelName.EINVOICE:
        assert isinstance(decide(facts), Wait)


@pytest.mark.parametrize(
    ("facts", "to"),
    [
        pytest.param({}, "user@firma.test", id="the user"),
        pytest.param({"refused": ("to_user",)}, "post@firma.test", id="the company when his address is dead"),
        pytest.param({"refused": ("to_user", "to_user")}, None, id="a person when both are"),
        pytest.param({"refused": ("to_user",), "company_email": ""}, None, id="a person where there is one address"),
        pytest.param(
            {"refused": ("to_user",), "user_email": ""}, None, id="a person where the company's was the first"
        ),
        pytest.param({"refused": ("to_user",) * 2, "chosen": "to_user"}, "user@firma.test", id="R37 mended and chosen"),
    ],
)
def test_R20_whoever_can_be_mailed_of_those_who_sent_it(facts: dict[str, Any], to: str | None) -> None:
    decision = decide(replace(PLAIN, **{"method": "self", "company_email": "post@firma.test", **facts}))
    assert (decision.to if isinstance(decision, Route) else None) == ((to,) if to else None)


@given(FACTS)
def test_R31_a_refused_channel_is_not_taken_again_nor_one_before_it(facts: Facts) -> None:
    decision = decide(replace(facts, chosen=""))

    if isinstance(decision, Route) and decision.channel in ORDER and facts.activated:
        tried = [ORDER.index(ChannelName(name)) for name in facts.refused if name in ORDER]
        assert ORDER.index(decision.channel) > max(tried, default=-1)


@given(FACTS)
def test_P3_stored_facts_decide_the_same_again(facts: Facts) -> None:
    import json

    stored = json.loads(json.dumps(facts.to_json()))

    assert decide(Facts.from_json(stored)) == decide(facts)


def test_R37_before_activation_a_person_may_only_choose_the_customers_own_method() -> None:
    before = replace(PLAIN, activated=False, method="email", registration="registered", **EMAIL, **ADDRESS)

    assert allowed_channels(before) == (ChannelName.EMAIL,)
    assert allowed_channels(replace(before, activated=True, method="autoinvoice")) == (
        ChannelName.EINVOICE, ChannelName.EMAIL, ChannelName.PRINT,
    )  # fmt: skip
