"""A finding in words that an accountant understands, in the language of who reads it."""

import re

import pytest
from django.utils import translation

from distribution.documents.validation import cen
from distribution.documents.validation.findings import Finding, Severity
from distribution.documents.validation.preflight.catalogue import CATALOGUE
from distribution.documents.validation.words import TEXTS, words_of

JARGON = re.compile(r"schematron|xpath|\bBT-|\bBG-|\bUNCL|\bassert|[{}]", re.IGNORECASE)
MOST_MET = (
    *(f"BR-{number:02}" for number in range(1, 17)),
    *(f"BR-CO-{number}" for number in (10, 11, 12, 13, 14, 15, 16, 17, 18, 26)),
    *(f"BR-{category}-{number:02}" for category in ("S", "Z", "E", "AE", "G", "O") for number in (1, 2, 5, 8, 9, 10)),
    *("BR-CL-01", "BR-CL-04", "BR-CL-14", "BR-CL-16", "BR-CL-17", "BR-CL-23", "BR-CL-25", "BR-DEC-09", "BR-DEC-18"),
)


def said(rule: str, where: str = "/Invoice", text: str = "") -> str:
    with translation.override("nb"):
        return str(words_of(Finding(rule, Severity.FATAL, where, text)))


def test_every_rule_of_the_preflight_and_those_of_cen_that_are_met_have_words() -> None:
    assert {*CATALOGUE, *MOST_MET} - set(TEXTS) == set()


def test_there_are_words_only_for_rules_that_exist() -> None:
    known = {check.rule for check in cen.rules().checks} | set(CATALOGUE) | {"XSD", "UBL", "ENGINE"}

    assert set(TEXTS) - known == set()


@pytest.mark.parametrize("rule", sorted(TEXTS))
def test_the_words_are_sentences_without_jargon(rule: str) -> None:
    words = said(rule, "/Invoice/cac:AccountingCustomerParty/cac:Party/cbc:EndpointID")

    assert words[0].isupper()
    assert words.endswith(".")
    assert len(words) > 20
    assert not JARGON.search(words)


def test_they_name_the_field() -> None:
    assert said("PEPPOL-EN16931-F001", "/Invoice/cbc:DueDate").startswith(
        "Feltet «forfallsdato» er ikke en gyldig dato."
    )
    assert said("PEPPOL-EN16931-R008", "/Invoice/cbc:ID").startswith("Feltet «fakturanummer» er tomt.")
    assert said("PEPPOL-EN16931-R008", "/Invoice/cac:Odd[3]/cbc:Thing").startswith("Feltet «Thing» er tomt.")


def test_they_name_the_line() -> None:
    words = said("PEPPOL-EN16931-R120", "/CreditNote/cac:CreditNoteLine[12]")

    assert words.startswith("Fakturalinje 12: Linjesummen stemmer ikke")
    assert said("PEPPOL-EN16931-R120", "/Invoice/cac:InvoiceLine").startswith("Linjesummen stemmer ikke")


@pytest.mark.parametrize(
    ("place", "party"),
    [
        ("cac:AccountingSupplierParty/cac:Party/cbc:EndpointID", "selgeren"),
        ("cac:AccountingCustomerParty/cac:Party/cac:PartyLegalEntity/cbc:CompanyID", "kunden"),
        ("cac:PayeeParty/cac:PartyLegalEntity/cbc:CompanyID", "betalingsmottakeren"),
        ("cac:Odd/cbc:CompanyID", "en av partene"),
    ],
)
def test_they_say_whose_number_it_is(place: str, party: str) -> None:
    assert f"til {party} er ikke gyldig" in said("PEPPOL-COMMON-R041", f"/Invoice/{place}")


def test_they_tell_the_types_of_vat_apart() -> None:
    assert "«unntatt mva (E)»" in said("BR-E-10")
    assert said("BR-S-05") == "Mva-satsen må være over 0 når mva-typen er «med mva (S)». Rett satsen eller mva-typen."
    assert said("BR-AE-05").startswith("Mva-satsen må være 0 når")
    assert said("BR-O-02").startswith("Mva-nummer står på fakturaen")


def test_a_rule_without_words_gives_its_number_and_its_official_text() -> None:
    assert said("BR-99", text="[BR-99]-An Invoice shall {be} good.") == "Regel BR-99: An Invoice shall {be} good."


def test_the_words_wait_for_their_reader() -> None:
    words = words_of(Finding("BR-02", Severity.FATAL, "/Invoice", ""))

    assert not isinstance(words, str)
