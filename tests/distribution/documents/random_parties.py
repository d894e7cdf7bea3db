"""Random parties, and how they are paid, all of them valid: for `random_invoices`."""

from typing import Any

from hypothesis import strategies as st

from distribution.documents.invoice import Address, Party, TaxRepresentative
from distribution.documents.payment import Account, Card, DirectDebit, Payee
from tests.distribution.documents.random_lines import COUNTRIES, maybe, words

ORG_NUMBERS = ("987654325", "123456785", "974760673", "991825827")
OF_PAYEES = ("889640782", "971032081")  # he is nobody's seller (BR-17)
GLNS = ("7080000000005", "4006381333931")
BBAN, IBAN = "86011117947", "NO9386011117947"


def addresses(*countries: str) -> st.SearchStrategy[Address]:
    """The country must be there (BR-09, BR-11, BR-20, BR-57)."""
    return st.builds(
        Address,
        street=maybe(words()),
        additional=maybe(words()),
        line3=maybe(words()),
        postcode=maybe(st.just("5804")),
        town=maybe(words()),
        subdivision=maybe(words()),
        country=st.sampled_from(countries or COUNTRIES),
    )


def endpoints() -> st.SearchStrategy[tuple[str, str]]:
    norwegian = st.tuples(st.just("0192"), st.sampled_from(ORG_NUMBERS))
    return norwegian | st.tuples(st.just("0088"), st.sampled_from(GLNS))


@st.composite
def sellers(draw: st.DrawFn, *, with_vat: bool) -> Party:
    """A Norwegian one in Foretaksregisteret: without it Peppol warns (NO-R-002)."""
    number = draw(st.sampled_from(ORG_NUMBERS))
    identifiers = st.lists(endpoints() | st.tuples(st.just("SEPA"), st.just("NO12ZZZ123456789")), max_size=1)
    return draw(
        _parties(
            identifiers=identifiers.map(tuple),
            legal_id=st.just(number),
            legal_id_scheme=st.just("0192"),
            address=addresses("NO"),
            legal_form=maybe(words()),
            vat_number=st.just(f"NO{number}MVA" if with_vat else ""),
            registered_in_foretaksregisteret=st.just(True),
        )
    )


@st.composite
def buyers(draw: st.DrawFn, *, with_vat: bool) -> Party:
    """`with_vat` because reverse charge and sales within the EU want a buyer with a VAT number."""
    number = draw(st.sampled_from(ORG_NUMBERS))
    return draw(
        _parties(
            legal_id=st.just(number),
            legal_id_scheme=st.sampled_from(("0192", "")),
            vat_number=st.sampled_from((f"NO{number}MVA", "SE556000475401", "DE123456789"))
            if with_vat
            else st.just(""),
        )
    )


def _parties(**more: st.SearchStrategy[Any]) -> st.SearchStrategy[Party]:
    given: dict[str, st.SearchStrategy[Any]] = {
        "name": words(),
        "legal_name": words(),
        "endpoint": endpoints(),
        "address": addresses(),
        "contact_name": maybe(words()),
        "phone": maybe(st.just("+47 73 00 00 00")),
        "email": maybe(st.just("faktura@fjellro.example")),
    }
    return st.builds(Party, **{**given, **more})


def representatives() -> st.SearchStrategy[TaxRepresentative]:
    return st.builds(TaxRepresentative, name=words(), vat_number=st.just("NO991825827MVA"), address=addresses())


def payees() -> st.SearchStrategy[Payee]:
    numbers = st.tuples(st.just("0192"), st.sampled_from(OF_PAYEES))
    return st.builds(
        Payee,
        name=words().map(lambda name: f"{name} faktoring"),
        identifiers=st.lists(numbers, max_size=1).map(tuple),
        legal_id=st.sampled_from(OF_PAYEES),
        legal_id_scheme=st.sampled_from(("0192", "")),
    )


@st.composite
def payments(draw: st.DrawFn) -> dict[str, Any]:
    """The fields of the invoice that say how it is paid. With no means at all a credit note has no place for a due date."""
    nothing: dict[str, Any] = {"due_date": None}
    means = draw(st.sampled_from((_transfer(), _transfer(), _card(), _debit(), _in_cash(), st.just(nothing))))
    return {"payee": draw(st.none() | payees()), "payment_terms": draw(maybe(words(200))), **draw(means)}


def _transfer() -> st.SearchStrategy[dict[str, Any]]:
    others = st.lists(st.builds(Account, number=words(20), name=maybe(words()), bic=_bics()), max_size=2)
    return st.fixed_dictionaries(
        {
            "payment_means_code": st.sampled_from(("30", "31", "58", "42")),
            "payment_means_text": maybe(words()),
            "payment_id": st.sampled_from(("", "100420104273", "12345678903", "0123456789012345678901-")),
            "account": st.sampled_from((BBAN, IBAN)),
            "account_name": maybe(words()),
            "bic": _bics(),
            "other_accounts": others.map(tuple),
        }
    )


def _in_cash() -> st.SearchStrategy[dict[str, Any]]:
    return st.sampled_from(("1", "10")).map(lambda code: {"payment_means_code": code})


def _bics() -> st.SearchStrategy[str]:
    return st.sampled_from(("", "DNBANOKK"))


def _card() -> st.SearchStrategy[dict[str, Any]]:
    card = st.builds(Card, number=st.just("1234"), network=st.just("VISA"), holder=maybe(words()))
    return st.fixed_dictionaries({"payment_means_code": st.just("48"), "card": card})


def _debit() -> st.SearchStrategy[dict[str, Any]]:
    debit = st.builds(DirectDebit, mandate=words(20), account=st.sampled_from(("", IBAN)))
    return st.fixed_dictionaries({"payment_means_code": st.sampled_from(("49", "59")), "direct_debit": debit})
