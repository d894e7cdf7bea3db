"""Customers out of a file: a preview that names each bad row and column, then all of them or none."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from customers.columns import guessed
from customers.models import Company, Customer, Method
from customers.tables import MOST_ROWS
from tests.customers.test_workbooks import workbook
from tests.factories import make_company, make_customer, org_number
from tests.test_pages import signed_in

pytestmark = pytest.mark.django_db

HEAD = "Kundenummer;Navn;Organisasjonsnummer;E-post;Poststed"


COLUMNS = "/kunder/importer/kolonner/"
FOREIGN = "Kontonr kunde;Firmanavn;Mail;Rabatt\n7;Ås Båt;post@as.no;5\n8;Æra;post@æra.no;\n"


def uploaded(client: Client, content: str | bytes, encoding: str = "utf-8") -> Any:
    content = content if isinstance(content, bytes) else content.encode(encoding)
    return client.post("/kunder/importer/", {"fil": SimpleUploadedFile("kunder.csv", content)})


def imported(client: Client, content: str | bytes, encoding: str = "utf-8") -> Any:
    preview = uploaded(client, content, encoding)
    assert preview.status_code == 200, preview.content.decode()
    return client.post("/kunder/importer/utfor/", {"fil": preview.context["sha256"]})


def chosen_on(page: Any, **changed: str) -> dict[str, str]:
    """What the form of the columns would send."""
    assert page.templates[0].name == "distribution/customer_import_columns.html"
    chosen = {column["name"]: column["field"] for column in page.context["columns"]}
    return {"fil": page.context["upload"].sha256, **chosen, **changed}


def numbers_of(company: Company) -> list[str]:
    return list(company.customers.order_by("number").values_list("number", flat=True))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16"])
def test_norwegian_letters_come_through_in_every_code_that_excel_writes(encoding: str) -> None:
    company = make_company()

    answer = imported(signed_in(company), f"{HEAD}\r\n1;Bjørkedal Båt;;post@æra.no;Ås\r\n", encoding)

    assert answer["Location"] == "/kunder/"
    made = company.customers.get()
    assert (made.name, made.town, made.method) == ("Bjørkedal Båt", "Ås", Method.AUTOINVOICE)


def test_the_old_code_page_of_windows_has_a_dash_that_latin_1_has_not() -> None:
    company = make_company()

    imported(signed_in(company), "Kundenummer;Navn\n1;Ås – Moss\n", "cp1252")

    assert company.customers.get().name == "Ås – Moss"


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_the_delimiter_is_that_of_the_head(delimiter: str) -> None:
    company = make_company()

    imported(signed_in(company), "Kundenummer;Navn;Mobil\n1;Ås;90000000\n".replace(";", delimiter))

    assert company.customers.get().phone == "90000000"


def test_the_preview_saves_nothing_and_says_what_would_be() -> None:
    company = make_company()
    make_customer(company, number="1", name="Gammelt navn")
    make_customer(company, number="2", name="Som før")

    client = signed_in(company)

    asked = uploaded(client, "Kundenummer;Navn;Rabatt\n1;Nytt navn;5\n2;Som før;5\n3;Helt ny;5\n")
    answer = client.post(COLUMNS, chosen_on(asked))

    page = answer.content.decode()
    assert "Importer 2 kunder" in page
    assert "Rabatt" in page
    planned = answer.context["plan"]
    assert (len(planned.new), len(planned.changed), planned.unchanged) == (1, 1, 1)
    assert numbers_of(company) == ["1", "2"]
    assert company.customers.get(number="1").name == "Gammelt navn"


def test_each_bad_row_and_column_is_named_and_nothing_is_saved() -> None:
    company = make_company()
    number = org_number(34_000_000)
    client = signed_in(company)

    answer = uploaded(
        client,
        f"{HEAD};Distribusjonsmåte;Hovedkunde;Kun elektronisk faktura\n"
        f"1;God AS;{number};post@god.no;Ås;;;\n"
        "2;;123456789;tull;Ås;E-post;77;kanskje\n"
        ";Uten nummer;;;;;;\n"
        "1;Samme nummer;;;;;;\n",
    )

    assert answer.status_code == 422
    named = {(problem.line, problem.column) for problem in answer.context["plan"].problems}
    assert named == {
        *((3, column) for column in ("Navn", "Organisasjonsnummer", "E-post", "Distribusjonsmåte", "Hovedkunde")),
        (3, "Kun elektronisk faktura"),
        (4, "Kundenummer"),
        (5, "Kundenummer"),
    }
    page = answer.content.decode()
    assert "Linje 3" in page
    assert "står også på linje 2" in page
    assert "Importer 1 kunde" not in page
    assert client.post("/kunder/importer/utfor/", {"fil": answer.context.get("sha256")}).status_code == 422
    assert numbers_of(company) == []


def test_an_empty_cell_changes_nothing() -> None:
    company = make_company()
    customer = make_customer(company, number="1", name="Granli", email="post@granli.no", town="Ås")

    imported(signed_in(company), f"{HEAD}\n1;;;;Oslo\n")

    before = customer.changed_at
    customer.refresh_from_db()
    assert (customer.name, customer.email, customer.town) == ("Granli", "post@granli.no", "Oslo")
    assert customer.changed_at > before


@pytest.mark.database
@pytest.mark.parametrize("query", ["", "?format=csv"])
@pytest.mark.parametrize("name", ["=SUM(A1)", "+47 AS", "007", 'Ås; <&> "Båt"', "24.11.2026"])
def test_the_file_that_was_downloaded_can_be_imported_again_and_changes_nothing(query: str, name: str) -> None:
    company = make_company()
    parent = make_customer(
        company, number="0001", name=name, postcode="0150", phone="+47 900 00 000", method=Method.SELF
    )
    make_customer(company, number="2", parent=parent, method="", electronic_only=True)
    client = signed_in(company)

    answer = uploaded(client, b"".join(client.get(f"/kunder/last-ned/{query}")))

    assert answer.status_code == 200
    assert (answer.context["plan"].unchanged, answer.context["writes"]) == (2, 0)


def test_R16_no_file_makes_a_branch_of_a_branch() -> None:
    company = make_company()
    for number in "123":
        make_customer(company, number=number)

    answer = uploaded(signed_in(company), "Kundenummer;Hovedkunde\n1;2\n2;3\n")

    assert answer.status_code == 422
    assert [(problem.line, problem.column) for problem in answer.context["plan"].problems] == [(2, "Hovedkunde")]


@pytest.mark.database
def test_what_has_become_wrong_since_the_preview_saves_nothing() -> None:
    company = make_company(activated=False)
    client = signed_in(company)
    preview = uploaded(client, "Kundenummer;Navn;Distribusjonsmåte\n1;En;E-post\n2;To;Elektronisk faktura\n")
    assert preview.status_code == 200
    from distribution.activation import activate

    activate(company, None)

    answer = client.post("/kunder/importer/utfor/", {"fil": preview.context["sha256"]})

    assert answer.status_code == 422
    assert not company.customers.exists()


def test_only_the_file_that_was_previewed_is_imported_and_only_once() -> None:
    company = make_company()
    client = signed_in(company)
    first = uploaded(client, "Kundenummer;Navn\n1;En\n").context["sha256"]
    second = uploaded(client, "Kundenummer;Navn\n2;To\n").context["sha256"]

    assert client.post("/kunder/importer/utfor/", {"fil": first}).status_code == 422
    assert client.post("/kunder/importer/utfor/", {"fil": second}).status_code == 302
    assert client.post("/kunder/importer/utfor/", {"fil": second}).status_code == 422
    assert numbers_of(company) == ["2"]


def test_a_foreign_companys_customers_are_neither_changed_nor_parents() -> None:
    foreign = make_customer(make_company(), number="1", name="Fremmed AS")
    company = make_company()
    client = signed_in(company)

    assert uploaded(client, "Kundenummer;Navn;Hovedkunde\n2;To;1\n").status_code == 422
    imported(client, "Kundenummer;Navn\n1;Min\n")

    assert Customer.objects.get(pk=foreign.pk).name == "Fremmed AS"
    assert company.customers.get().name == "Min"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04...", "Excel-filen er skadet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1...", "uten passord"),
        (b"Kundenummer" + b";x" * 100 + b"\n1\n", "over 100 kolonner"),
        (b"", "ingen kunder"),
        (b"Kundenummer;Navn\n", "ingen kunder"),
        (b"Kundenummer\n" + b"1\n" * (MOST_ROWS + 1), "over 20000 kunder"),
        (b"x" * (10 * 1024 * 1024 + 1), "større enn 10"),
    ],
)
def test_a_file_that_can_not_be_read_is_refused_with_what_to_do(content: bytes, words: str) -> None:
    answer = uploaded(signed_in(make_company()), content)

    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_no_file_is_told_too() -> None:
    answer = signed_in(make_company()).post("/kunder/importer/", {})

    assert answer.status_code == 422
    assert "Velg en fil først." in answer.content.decode()


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00", b'Kundenummer;Navn\n1;"uten slutt', b"\x00\x00\n\x00;\x00", b"\x81;\n1;2"]
)
def test_nonsense_is_read_or_refused_and_never_breaks(content: bytes) -> None:
    assert uploaded(signed_in(make_company()), content).status_code in (200, 422)


def test_an_excel_file_is_imported_and_an_error_in_a_cell_is_a_problem_of_its_row() -> None:
    company = make_company()
    client = signed_in(company)
    head = ["Kundenummer", "Navn", "Postnummer", "Poststed"]

    imported(client, workbook(head, [1, "Bjørkedal Båt", 150, "Oslo"]))
    answer = uploaded(client, workbook(head, [1, "#REF!", 150, "Oslo"]))

    made = company.customers.get()
    assert (made.number, made.name, made.postcode) == ("1", "Bjørkedal Båt", "0150")
    assert answer.status_code == 422
    assert [(one.line, one.column) for one in answer.context["plan"].problems] == [(2, "Navn")]


def test_no_zeros_are_put_before_a_foreign_postcode() -> None:
    company = make_company()

    imported(signed_in(company), "Kundenummer;Navn;Postnummer;Land\n1;Hôtel;150;fr\n")

    assert company.customers.get().postcode == "150"


def test_a_file_with_foreign_heads_is_asked_about_with_its_first_values_and_a_guess() -> None:
    company = make_company()
    client = signed_in(company)

    asked = uploaded(client, FOREIGN)
    page = asked.content.decode()
    preview = client.post(COLUMNS, chosen_on(asked))
    carried = dict(preview.context["chosen"])
    answer = client.post("/kunder/importer/utfor/", {"fil": preview.context["sha256"], **carried})

    assert [column["field"] for column in asked.context["columns"]] == ["number", "name", "email", ""]
    assert "Ås Båt · Æra" in page
    assert not asked.context["columns"][0]["error"]
    assert 'name="kolonne-2" value="email"' in preview.content.decode()
    assert answer["Location"] == "/kunder/"
    assert list(company.customers.order_by("number").values_list("number", "name", "email")) == [
        ("7", "Ås Båt", "post@as.no"),
        ("8", "Æra", "post@æra.no"),
    ]


def test_the_choice_of_a_person_goes_before_the_guess_all_the_way() -> None:
    company = make_company()
    client = signed_in(company)
    chosen = chosen_on(uploaded(client, FOREIGN), **{"kolonne-2": "invoice_email", "kolonne-3": "town"})

    preview = client.post(COLUMNS, chosen)
    again = client.post(COLUMNS, {**chosen, "endre": "1"})
    client.post("/kunder/importer/utfor/", {"fil": preview.context["sha256"], **dict(preview.context["chosen"])})

    assert (again.status_code, chosen_on(again)) == (200, chosen)
    made = company.customers.get(number="7")
    assert (made.email, made.invoice_email, made.town) == ("", "post@as.no", "5")


@pytest.mark.parametrize("address", [COLUMNS, "/kunder/importer/utfor/"])
@pytest.mark.parametrize(
    ("changed", "place", "words"),
    [
        ({"kolonne-0": ""}, 0, "Velg hvilken kolonne som er kundenummeret."),
        ({"kolonne-3": "name"}, 3, "«Navn» er valgt for en annen kolonne også."),
        ({"kolonne-3": "company"}, 3, "Velg et felt fra listen."),
    ],
)
def test_a_choice_that_can_not_be_is_told_at_its_select(
    address: str, changed: dict[str, str], place: int, words: str
) -> None:
    company = make_company()
    client = signed_in(company)
    chosen = chosen_on(uploaded(client, FOREIGN), **changed)

    answer = client.post(address, chosen)

    assert answer.status_code == 422
    assert {column["name"]: column["error"] for column in answer.context["columns"] if column["error"]} == {
        f"kolonne-{place}": words
    }
    assert f'aria-describedby="kolonne-{place}-f"' in answer.content.decode()
    assert chosen_on(answer) == chosen
    assert numbers_of(company) == []


@pytest.mark.parametrize("content", ["Navn;E-post\nEn;a@b.no\n", "Kundenummer;Kundenr\n1;2\n"])
def test_a_file_without_a_number_or_with_two_is_asked_about(content: str) -> None:
    client = signed_in(make_company())

    asked = uploaded(client, content)

    assert asked.status_code == 200
    chosen_on(asked)


def test_a_problem_names_the_column_as_the_file_calls_it_too() -> None:
    client = signed_in(make_company())

    answer = client.post(COLUMNS, chosen_on(uploaded(client, "Kontonr kunde;Firmanavn;Mail\n7;Ås;tull\n")))

    assert answer.status_code == 422
    assert '<span class="why">Mail</span>' in answer.content.decode()


def test_the_columns_of_a_file_that_is_gone_can_not_be_chosen() -> None:
    client = signed_in(make_company())
    chosen = chosen_on(uploaded(client, FOREIGN))
    uploaded(client, "Kundenummer;Navn\n1;En\n")

    answer = client.post(COLUMNS, chosen)

    assert answer.status_code == 422
    assert "Last den opp på nytt" in answer.content.decode()


@pytest.mark.parametrize(
    ("head", "field"),
    [
        ("Customer No.", "number"),
        ("Org.nummer", "org_number"),
        ("Company name", "name"),
        ("E-mail", "email"),
        ("Faktura e-post", "invoice_email"),
        ("Din telefon", "phone"),
        ("Zip code", "postcode"),
        ("Rabatt", ""),
    ],
)
def test_heads_are_guessed_in_both_languages(head: str, field: str) -> None:
    assert guessed([head]) == [field]


def test_the_workbook_that_was_downloaded_makes_the_same_customers_elsewhere() -> None:
    company, other = make_company(), make_company()
    make_customer(company, number="0001", name="=SUM(A1)", email="post@æra.no", postcode="0150", town="Oslo")
    file = b"".join(signed_in(company).get("/kunder/last-ned/"))

    imported(signed_in(other), file)

    made = other.customers.get()
    assert (made.number, made.name, made.email, made.postcode) == ("0001", "=SUM(A1)", "post@æra.no", "0150")
