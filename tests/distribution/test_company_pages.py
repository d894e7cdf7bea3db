"""«Mitt firma»: its facts edited and checked, and who works in it: added, given a role, removed, never without an admin."""

import re
from io import BytesIO
from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from customers.models import Company, Language, Membership, Role, User
from distribution.choices import set_agreement
from distribution.models.settings import AgreementKind
from distribution.states import AgreementStatus
from tests.factories import make_company, make_user, org_number
from tests.test_pages import signed_in

pytestmark = pytest.mark.django_db
EDIT, USERS = "/mitt-firma/rediger/", "/mitt-firma/brukere/"
PASSWORD = "Et-ganske-langt-passord-7"


def free_company(**facts: Any) -> Company:
    """Without agreement and activation: all of it may be edited."""
    return make_company(activated=False, b2b="none", b2c="none", **facts)


def member(company: Company, role: Role = Role.ADMIN, **facts: Any) -> Membership:
    return Membership.objects.create(user=make_user(**facts), company=company, role=role)


def signed_in_as(membership: Membership) -> Client:
    client = Client()
    client.force_login(membership.user)
    return client


def admin_of(company: Company) -> Client:
    return signed_in_as(member(company))


def filled_in(client: Client, **typed: Any) -> dict[str, Any]:
    """The form as the browser would send it back."""
    return {**{field.html_name: field.value() for field in client.get(EDIT).context["form"]}, **typed}


def invited(client: Client, company: Company, email: str, role: Role = Role.ACCOUNTANT) -> Any:
    return client.post(USERS, {"company": company.pk, "email": email, "role": role})


def roles(company: Company) -> dict[str, str]:
    return dict(company.memberships.values_list("user__email", "role"))


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.mark.database
def test_R1_an_admin_edits_the_facts_of_the_company() -> None:
    company, number = free_company(), org_number(35_000_000)
    client = admin_of(company)
    typed = {
        "name": "Nytt Navn AS",
        "org_number": f"{number[:3]} {number[3:6]} {number[6:]}",
        "email": "post@nytt.test",
        "phone": "+47 22 33 44 55",
        "address_line": "Havnegata 2",
        "postcode": "5003",
        "town": "Bergen",
        "country": "no",
        "bank_account": "1503.40.12358",
        "language": Language.EN,
    }

    answer = client.post(EDIT, filled_in(client, **typed), follow=True)

    assert "Opplysningene om firmaet er lagret." in text_of(answer)
    expected = {**typed, "org_number": number, "country": "NO", "bank_account": "15034012358"}
    assert Company.objects.values(*typed).get(pk=company.pk) == expected
    assert Company.objects.get(pk=company.pk).peppol_id == f"0192:{number}"


def test_a_peppol_id_that_was_not_made_of_the_number_stays() -> None:
    company = free_company(peppol_id="0088:7300010000001")
    client = admin_of(company)

    client.post(EDIT, filled_in(client, org_number=org_number(35_100_000)))

    company.refresh_from_db()
    assert (company.org_number, company.peppol_id) == (org_number(35_100_000), "0088:7300010000001")


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("name", "", "Feltet er påkrevet"),
        ("org_number", "123456789", "«123456789» er ikke et gyldig organisasjonsnummer"),
        ("org_number", "", "Det kan byttes, men ikke fjernes"),
        ("email", "post@@nytt", "gyldig e-postadresse"),
        ("country", "N1", "Skriv landet med to bokstaver"),
        ("bank_account", "15034012342", "«15034012342» er ikke et gyldig kontonummer"),
        ("bank_account", "1234566", "er ikke et gyldig kontonummer"),
        ("bank_account", "00001234566", "er ikke et gyldig kontonummer"),
        ("bank_account", "NO9386011117948", "er ikke et gyldig kontonummer"),
        ("language", "xx", "xx"),
    ],
)
def test_an_error_stands_at_its_field_and_in_the_summary_and_what_was_typed_is_kept(
    field: str, typed: str, words: str
) -> None:
    company = free_company()
    client = admin_of(company)

    answer = client.post(EDIT, filled_in(client, **{"town": "Bodø", field: typed}))

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    page = text_of(answer)
    assert f'href="#id_{field}"' in page
    assert f'id="id_{field}_error"' in page
    assert page.count(words) >= 2 or field == "name"
    assert 'value="Bodø"' in page
    assert not typed or f'value="{typed}"' in page or field == "language"
    assert Company.objects.get(pk=company.pk).town == "Oslo"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("NO93 8601 1117 947", "NO9386011117947"), ("GB82 west 1234 5698 7654 32", "GB82WEST12345698765432"), ("", "")],
)
def test_the_account_may_be_an_iban_or_none(typed: str, stored: str) -> None:
    company = free_company()
    client = admin_of(company)

    assert client.post(EDIT, filled_in(client, bank_account=typed)).status_code == 302

    assert Company.objects.get(pk=company.pk).bank_account == stored


def test_another_companys_number_is_refused() -> None:
    company, other = free_company(), free_company()
    client = admin_of(company)

    answer = client.post(EDIT, filled_in(client, org_number=other.org_number))

    assert answer.status_code == 422
    assert "Et annet firma er alt registrert" in text_of(answer)
    assert other.name not in text_of(answer)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"activated": True}, "automatisk utsendelse er aktivert"),
        ({"activated": False, "b2b": "active", "b2c": "none"}, "firmaet har en aktiv avtale"),
    ],
)
def test_the_number_is_locked_once_an_agreement_or_the_activation_stands_on_it(
    facts: dict[str, Any], words: str
) -> None:
    company = make_company(**facts)
    client = admin_of(company)
    page = text_of(client.get(EDIT))
    assert words in page
    assert re.search(r"<input(?=[^>]*id_org_number)[^>]* disabled", page)

    answer = client.post(EDIT, filled_in(client, org_number=org_number(35_200_000), town="Bodø"))

    assert answer.status_code == 302
    now = Company.objects.get(pk=company.pk)
    assert (now.org_number, now.peppol_id, now.town) == (company.org_number, company.peppol_id, "Bodø")


def test_a_company_without_a_number_may_still_get_one() -> None:
    company = make_company(org_number="", is_demo=True, peppol_id="0088:7300010000018")
    client = admin_of(company)

    client.post(EDIT, filled_in(client, org_number=org_number(35_300_000)))

    assert Company.objects.get(pk=company.pk).org_number == org_number(35_300_000)


@pytest.mark.database
def test_the_second_of_two_editors_is_told_and_nothing_is_overwritten() -> None:
    company = free_company(town="Oslo", phone="11111111")
    first, second = admin_of(company), admin_of(company)
    mine, theirs = filled_in(first, phone="22222222"), filled_in(second, town="Bergen")
    first.post(EDIT, mine)

    answer = second.post(EDIT, theirs)

    assert answer.status_code == 409
    page = text_of(answer)
    assert "Noen andre har endret firmaet" in page
    assert "Telefon: «22222222»" in page
    assert 'value="Bergen"' in page
    assert Company.objects.values_list("phone", "town").get(pk=company.pk) == ("22222222", "Oslo")
    again = {**theirs, "phone": "22222222", "made_of": answer.context["form"]["made_of"].value()}
    assert second.post(EDIT, again).status_code == 302
    assert Company.objects.values_list("phone", "town").get(pk=company.pk) == ("22222222", "Bergen")


def test_a_number_typed_before_an_agreement_was_concluded_is_not_dropped_in_silence() -> None:
    company = free_company()
    client = admin_of(company)
    typed = filled_in(client, org_number=org_number(35_400_000))
    set_agreement(company, AgreementKind.B2B, AgreementStatus.ACTIVE)

    answer = client.post(EDIT, typed)

    assert answer.status_code == 409
    assert "firmaet har en aktiv avtale" in text_of(answer)
    assert Company.objects.get(pk=company.pk).org_number == company.org_number


def test_a_form_of_another_company_is_not_saved_on_the_one_chosen_in_the_next_tab() -> None:
    here, there = free_company(name="A"), free_company(name="B")
    user = member(here)
    Membership.objects.create(user=user.user, company=there, role=Role.ADMIN)
    client = signed_in_as(user)
    old = filled_in(client, town="Bodø")
    client.post(f"/firma/{there.pk}/velg/")

    edited, added = client.post(EDIT, old), invited(client, here, "ny@kontor.test")

    assert (edited.status_code, added.status_code) == (409, 422)
    assert "Du arbeider nå i B" in text_of(added)
    assert set(Company.objects.values_list("town", flat=True)) == {"Oslo"}
    assert not User.objects.filter(email="ny@kontor.test").exists()
    again = added.context["form"]
    assert client.post(USERS, {one.html_name: one.value() for one in again}).status_code == 302
    assert "ny@kontor.test" in roles(there)


def test_nothing_changed_is_said() -> None:
    client = admin_of(free_company())

    assert "Ingenting var endret." in text_of(client.post(EDIT, filled_in(client), follow=True))


@pytest.mark.database
def test_a_stranger_is_invited_and_chooses_a_password_by_the_link_in_the_mail() -> None:
    company = free_company(name="Granli AS")
    answer = invited(admin_of(company), company, "Ny@Kontor.test", Role.ADMIN)

    assert answer.status_code == 302
    user = User.objects.get(email="ny@kontor.test")
    assert roles(company)["ny@kontor.test"] == Role.ADMIN
    assert not user.has_usable_password()
    (message,) = mail.outbox
    assert (message.to, message.subject) == (["ny@kontor.test"], "Du har fått tilgang til Granli AS")
    (link,) = re.findall(r"http\S+/key/\S+|http\S+passord\S*key\S+|http\S+reset\S+", str(message.body))
    stranger = Client()
    page = stranger.get("/" + link.split("/", 3)[3], follow=True)
    form = stranger.post(page.request["PATH_INFO"], {"password1": PASSWORD, "password2": PASSWORD})
    assert form.status_code == 302
    assert stranger.login(username="ny@kontor.test", password=PASSWORD)
    assert stranger.get("/mitt-firma/").context["company"] == company
    assert "token_fail" in (Client().get("/" + link.split("/", 3)[3], follow=True).context or {})


def test_the_invitation_speaks_the_companys_language_and_a_test_company_says_so() -> None:
    company = free_company(name="Test\nAS", language=Language.EN, is_test=True)

    invited(admin_of(company), company, "new@office.test")

    assert User.objects.get(email="new@office.test").language == Language.EN
    assert mail.outbox[0].subject.startswith("TEST · ")
    assert "\n" not in mail.outbox[0].subject


def test_a_user_of_another_company_gets_a_membership_and_keeps_the_password() -> None:
    company = free_company()
    known = make_user("Kari@kontor.test")

    page = text_of(
        Client.post(
            admin_of(company),
            USERS,
            {"company": company.pk, "email": "KARI@kontor.test", "role": "accountant"},
            follow=True,
        )
    )

    assert "logger inn som før" in page
    assert roles(company)["Kari@kontor.test"] == Role.ACCOUNTANT
    assert User.objects.get(email__iexact="kari@kontor.test").password == known.password
    assert mail.outbox == []


def test_who_was_invited_elsewhere_and_has_no_password_yet_gets_a_new_link() -> None:
    here, there = free_company(), free_company()
    invited(admin_of(here), here, "ny@kontor.test")

    invited(admin_of(there), there, "ny@kontor.test")

    assert len(mail.outbox) == 2
    assert User.objects.filter(email="ny@kontor.test").count() == 1


def test_a_mail_server_that_is_away_is_told_and_the_user_stands(settings: LazySettings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    company = free_company()

    client = admin_of(company)
    invited(client, company, "ny@kontor.test")

    assert "e-posten kunne ikke sendes" in text_of(client.get(USERS))
    assert "ny@kontor.test" in roles(company)


@pytest.mark.parametrize(
    ("typed", "words"),
    [("ikke en adresse", "gyldig e-postadresse"), ("", "påkrevet"), ("ALT@kontor.test", "er alt bruker i firmaet")],
)
def test_an_address_that_can_not_be_added_is_told_at_the_field(typed: str, words: str) -> None:
    company = free_company()
    member(company, Role.ACCOUNTANT, email="alt@kontor.test")
    client = admin_of(company)
    before = roles(company)

    answer = invited(client, company, typed, Role.ADMIN)

    assert answer.status_code == 422
    assert text_of(answer).count(words) == 2
    assert f'value="{typed}"' in text_of(answer) or not typed
    assert roles(company) == before


def test_a_role_is_changed_and_a_user_removed() -> None:
    company = free_company()
    colleague = member(company, Role.ACCOUNTANT, email="kari@kontor.test")
    client = admin_of(company)

    client.post(f"{USERS}{colleague.pk}/rolle/", {"role": "admin"})
    assert roles(company)["kari@kontor.test"] == Role.ADMIN
    assert client.post(f"{USERS}{colleague.pk}/rolle/", {"role": "eier"}).status_code == 422

    assert "mister tilgangen" in text_of(client.get(f"{USERS}{colleague.pk}/fjern/"))
    assert "kari@kontor.test" in roles(company)
    answer = client.post(f"{USERS}{colleague.pk}/fjern/", follow=True)
    assert "er ikke lenger bruker" in text_of(answer)
    assert "kari@kontor.test" not in roles(company)
    assert User.objects.filter(email="kari@kontor.test").exists()


@pytest.mark.parametrize("order", [("rolle/", {"role": "accountant"}), ("fjern/", {})])
@pytest.mark.parametrize("beside", ["nobody", "an accountant", "an admin who is switched off"])
def test_the_last_admin_stays(order: tuple[str, dict[str, str]], beside: str) -> None:
    company = free_company()
    last = member(company)
    if beside == "an accountant":
        member(company, Role.ACCOUNTANT)
    if beside == "an admin who is switched off":
        member(company, is_active=False)
    client = signed_in_as(last)

    answer = client.post(f"{USERS}{last.pk}/{order[0]}", order[1])

    assert answer.status_code == 422
    assert "er den eneste administratoren i firmaet" in text_of(answer)
    assert roles(company)[last.user.email] == Role.ADMIN
    asked = text_of(client.get(f"{USERS}{last.pk}/fjern/"))
    assert "er den eneste administratoren" in asked
    assert "Fjern meg" not in asked


def test_an_admin_is_warned_before_he_removes_himself() -> None:
    company = free_company()
    member(company)
    oneself = member(company)
    client = signed_in_as(oneself)

    asked = text_of(client.get(f"{USERS}{oneself.pk}/fjern/"))
    assert "Fjerne deg selv" in asked
    assert "Du mister tilgangen med en gang." in asked
    assert oneself.user.email in roles(company)

    answer = client.post(f"{USERS}{oneself.pk}/fjern/")

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert oneself.user.email not in roles(company)


def test_an_accountant_reads_and_changes_nothing() -> None:
    company = free_company()
    admin = member(company, email="sjef@kontor.test")
    client = signed_in(company)
    before = roles(company)

    page = text_of(client.get(USERS))
    assert "sjef@kontor.test" in page
    assert "Bare en administrator kan endre dette." in page
    assert "<select" not in page.split("<main", 1)[1]
    assert EDIT not in text_of(client.get("/mitt-firma/"))
    orders = [(EDIT, {"name": "Kapret"}), (USERS, {"company": company.pk, "email": "x@y.test", "role": "admin"})]
    orders += [(f"{USERS}{admin.pk}/rolle/", {"role": "accountant"}), (f"{USERS}{admin.pk}/fjern/", {})]

    assert {client.post(path, typed).status_code for path, typed in orders} == {403}
    assert client.get(EDIT).status_code == 403

    assert roles(company) == before
    assert Company.objects.get(pk=company.pk).name == company.name
    assert mail.outbox == []


def test_a_membership_of_the_users_other_company_is_not_touched_from_here() -> None:
    here, there = free_company(name="A"), free_company(name="B")
    user, colleague = member(here), member(there, Role.ACCOUNTANT)
    Membership.objects.create(user=user.user, company=there, role=Role.ADMIN)

    assert signed_in_as(user).post(f"{USERS}{colleague.pk}/fjern/").status_code == 404

    assert Membership.objects.filter(pk=colleague.pk).exists()


def test_the_list_of_users_costs_the_same_whatever_it_holds() -> None:
    company = free_company()
    client = admin_of(company)
    client.get(USERS)
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(USERS)
    for _ in range(5):
        member(company, Role.ACCOUNTANT)

    with CaptureQueriesContext(connection) as many:
        client.get(USERS)

    assert len(many) == len(few)


LOGO = "/mitt-firma/logo/"


def picture(kind: str = "PNG", size: tuple[int, int] = (1200, 300), more: bytes = b"") -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", size, "teal").save(out, kind)
    return SimpleUploadedFile("logo.png", out.getvalue() + more)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_logo_is_scaled_once_drawn_anew_and_shown(kind: str) -> None:
    company = free_company()
    client = admin_of(company)
    assert client.get(LOGO).status_code == 404
    client.post(LOGO, {"logo": picture(kind, (10, 10))})

    answer = client.post(LOGO, {"logo": picture(kind, more=b"<script>")}, follow=True)

    assert "Logoen er lagret." in text_of(answer)
    assert f'src="{LOGO}"' in text_of(answer)
    shown = client.get(LOGO)
    assert shown["Content-Type"] == "image/png"
    assert b"<script>" not in shown.content
    with Image.open(BytesIO(shown.content)) as image:
        assert (image.format, image.size) == ("PNG", (600, 150))


@pytest.mark.parametrize(
    ("logo", "words"),
    [
        (None, "Velg en fil."),
        (b"<svg xmlns='http://www.w3.org/2000/svg'", "SVG-filen er skadet"),
        (picture("GIF").read(), "ikke et bilde av typen PNG, JPEG eller SVG"),
        (picture().read()[:20], "ikke et bilde av typen PNG, JPEG eller SVG"),
        (picture(more=b"0" * 2 * 1024 * 1024).read(), "større enn 2 MB"),
        (picture(size=(20_000, 2_001)).read(), "for mange punkter"),
    ],
    ids=["nothing", "svg", "gif", "cut off", "too large", "unfolds"],
)
def test_what_is_no_logo_is_refused_in_words(logo: bytes | None, words: str) -> None:
    client = admin_of(free_company())

    answer = client.post(LOGO, {} if logo is None else {"logo": SimpleUploadedFile("logo.png", logo)})

    assert answer.status_code == 422
    assert words in text_of(answer)
    assert client.get(LOGO).status_code == 404


def test_a_logo_as_svg_is_drawn_and_kept_as_pixels() -> None:
    client = admin_of(free_company())
    content = (
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 1"><rect width="4" height="1" fill="teal"/></svg>'
    )

    client.post(LOGO, {"logo": SimpleUploadedFile("logo.svg", content)})

    with Image.open(BytesIO(client.get(LOGO).content)) as image:
        assert (image.format, image.size) == ("PNG", (600, 150))


def test_an_accountant_sees_the_logo_and_does_not_change_it() -> None:
    company = free_company()
    admin_of(company).post(LOGO, {"logo": picture()})
    client = signed_in(company)
    before = client.get(LOGO).content

    assert client.post(LOGO, {"logo": picture(size=(10, 10))}).status_code == 403

    assert client.get(LOGO).content == before
    assert 'type="file"' not in text_of(client.get("/mitt-firma/"))
