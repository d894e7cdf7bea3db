"""Who is in the demo: two companies, three users, and the customers with what is special about each."""

from dataclasses import dataclass, field

from customers.models import Kind, Language, Method, Role

ACTIVATED = {
    "name": "Fjellheim Elektro AS",
    "org_number": "312475146",
    "email": "faktura@fjellheim.example",
    "phone": "73 10 20 30",
    "bank_account": "86011172034",
    "address_line": "Verftsgata 12",
    "postcode": "7042",
    "town": "Trondheim",
}
BEFORE = {
    "name": "Vestbris Vann og Varme AS",
    "org_number": "311081772",
    "email": "post@vestbris.example",
    "phone": "55 40 50 60",
    "bank_account": "15032204179",
    "address_line": "Strandgaten 88",
    "postcode": "5004",
    "town": "Bergen",
}
USERS = (
    ("regnskap@demo.test", "Marit", "Aune", Role.ACCOUNTANT),
    ("admin@demo.test", "Jonas", "Vik", Role.ADMIN),
    ("drift@demo.test", "Drift", "Vakt", None),
)
PASSWORD = "demo"  # noqa: S105  # works only where the site is on this machine


@dataclass(frozen=True, slots=True)
class Person:
    """`documents` are what the register says the customer receives; `method` is the one from before activation."""

    name: str
    method: str = Method.EMAIL
    org: str = ""
    email: str = ""
    invoice_email: str = ""
    phone: str = ""
    street: str = ""
    postcode: str = ""
    town: str = ""
    country: str = "NO"
    kind: str = Kind.BUSINESS
    documents: str = ""
    electronic_only: bool = False
    parent: str = ""
    language: str = Language.NB
    erp_text: str = ""
    credit_note: bool = False
    lines: tuple[int, ...] = field(default=(0, 1))


BOTH = "invoice credit_note"
CUSTOMERS = (
    # Registered businesses
    Person(
        "Kvernbekken Snekkeri AS",
        Method.EINVOICE,
        "314152972",
        street="Kvernbekkvegen 12",
        postcode="6770",
        town="Nordfjordeid",
        documents=BOTH,
        credit_note=True,
    ),
    Person(
        "Solstrand Hotell AS",
        Method.EINVOICE,
        "315021405",
        "faktura@solstrand.example",
        street="Solstrandvegen 200",
        postcode="5200",
        town="Os",
        documents=BOTH,
        lines=(0, 1, 2, 3),
    ),
    Person(
        "Åmot Sag og Høvleri AS",
        Method.EINVOICE,
        "311625004",
        "okonomi@aamot-sag.example",
        street="Sagvegen 4",
        postcode="3340",
        town="Åmot",
        documents=BOTH,
    ),
    Person(
        "Breidablikk Kommunale KF",
        Method.EINVOICE,
        "310944769",
        documents=BOTH,
        electronic_only=True,
        street="Rådhusplassen 1",
        postcode="4300",
        town="Sandnes",
    ),
    Person(
        "Nordlys Barnehage SA",
        Method.EMAIL,
        "310207799",
        "styrer@nordlys.example",
        documents=BOTH,
        street="Skolevegen 9",
        postcode="9015",
        town="Tromsø",
    ),
    Person(
        "Haugland Bygg AS",
        Method.EMAIL,
        "314210980",
        "post@haugland-bygg.example",
        documents=BOTH,
        street="Industrivegen 31",
        postcode="7080",
        town="Heimdal",
        lines=(2, 3),
    ),
    Person(
        "Fjordfisk Eksport AS",
        Method.EINVOICE,
        "315760895",
        "accounts@fjordfisk.example",
        documents=BOTH,
        street="Kaiområdet 2",
        postcode="6002",
        town="Ålesund",
        language=Language.EN,
    ),
    Person(
        "Trondhjem Kaffebrenneri AS",
        Method.EINVOICE,
        "313034321",
        documents=BOTH,
        street="Nedre Bakklandet 7",
        postcode="7014",
        town="Trondheim",
        lines=(1,),
    ),
    Person(
        "Lofoten Lys og Lyd AS",
        Method.EMAIL,
        "310617059",
        "regnskap@lofotenlys.example",
        documents=BOTH,
        street="Havnegata 3",
        postcode="8300",
        town="Svolvær",
    ),
    Person(
        "Heddal Regnskap AS",
        Method.EINVOICE,
        "312327082",
        "faktura@heddal.example",
        documents=BOTH,
        street="Stavkyrkjevegen 1",
        postcode="3676",
        town="Notodden",
    ),
    Person(
        "Granli Eiendom AS",
        Method.EINVOICE,
        "315456150",
        documents=BOTH,
        street="Postboks 214 Sentrum",
        postcode="5804",
        town="Bergen",
        lines=(0, 1, 2, 3, 4),
    ),
    Person(
        "Bjørkedal Båtbyggeri AS",
        Method.EMAIL,
        "315627494",
        "post@bjorkedal.example",
        documents=BOTH,
        street="Naustvegen 18",
        postcode="6120",
        town="Folkestad",
    ),
    # Registered for invoices but not for credit notes (T10)
    Person(
        "Myrvoll Tannlegesenter AS",
        Method.EINVOICE,
        "313777448",
        "resepsjon@myrvoll.example",
        documents="invoice",
        credit_note=True,
        street="Kirkegata 5",
        postcode="1415",
        town="Oppegård",
    ),
    # Businesses with e-mail only
    Person("Vågen Frisør", Method.EMAIL, "312901226", "vaagen@frisor.example"),
    Person("Pizzahjørnet ANS", Method.EMAIL, "311810510", "pizza@hjornet.example", "faktura@hjornet.example"),
    Person("Nordvik Transport AS", Method.EMAIL, "311113410", "drift@nordvik.example, regnskap@nordvik.example"),
    Person(
        "Studio Rød Tråd", Method.EMAIL, "", "hei@rodtrad.example", street="Markveien 35", postcode="0554", town="Oslo"
    ),
    Person(
        "Hansen & Sønn Rør",
        Method.EMAIL,
        "312744325",
        "ror@hansen.example",
        erp_text="Hei {kunde}!\n\nTakk for hyggelig samarbeid på Lade. Faktura {nummer} er vedlagt.\n\nHilsen {firma}",
    ),
    Person("Elvebredden Borettslag", Method.EMAIL, "312248158", "styret@elvebredden.example", lines=(3, 4)),
    Person("Bokkafeen på Hjørnet", Method.EMAIL, "310268852", "bok@kafeen.example", language=Language.EN),
    # With an address only
    Person("Dalen Gard", Method.SELF, "316718108", street="Dalsvegen 402", postcode="2686", town="Lom"),
    Person("Søndre Vei Sameie", Method.EINVOICE, "312728966", street="Søndre vei 14", postcode="1482", town="Nittedal"),
    Person(
        "Myrdal Anlegg AS",
        Method.EINVOICE,
        "312849488",
        street="Myrdalsvegen 77",
        postcode="5718",
        town="Myrdal",
        lines=(0, 2, 4),
    ),
    Person(
        "Öresund Montage AB",
        Method.EMAIL,
        street="Hamngatan 4",
        postcode="211 22",
        town="Malmö",
        country="SE",
        language=Language.EN,
    ),
    Person("Holmen Gartneri", Method.EINVOICE, "311728245", street="Gartnerlia 3", postcode="3158", town="Andebu"),
    Person("Ytre Havn Pensjonistforening", Method.EINVOICE, street="Postboks 12", postcode="5371", town="Skogsvåg"),
    # With nothing, or not enough
    Person("Ukjent Kunde AS", Method.EMAIL, "313249018"),
    Person("Strømmen Sykkel", Method.EMAIL, street="Strømsveien 61", town="Strømmen"),
    # Only electronic, and not registered
    Person(
        "Sentrum Regionmuseum IKS",
        Method.EINVOICE,
        "316574319",
        "post@museum.example",
        electronic_only=True,
        street="Museumsplassen 1",
        postcode="3015",
        town="Drammen",
    ),
    # Private, with and without eFaktura
    Person(
        "Ingrid Solbakken",
        Method.EINVOICE,
        phone="+4790012345",
        email="ingrid@solbakken.example",
        street="Bjørkelia 8",
        postcode="7058",
        town="Jakobsli",
        kind=Kind.PRIVATE,
        documents="efaktura",
    ),
    Person(
        "Ola Tangen",
        Method.EINVOICE,
        phone="+4790023456",
        street="Tangenveien 2",
        postcode="1450",
        town="Nesoddtangen",
        kind=Kind.PRIVATE,
        documents="efaktura",
        lines=(4,),
    ),
    Person("Liv Aarvik", Method.EMAIL, phone="+4790034567", email="liv@aarvik.example", kind=Kind.PRIVATE),
    Person(
        "Per-Arne Mikkelsen",
        Method.EINVOICE,
        street="Fjellvegen 19 B",
        postcode="9011",
        town="Tromsø",
        kind=Kind.PRIVATE,
    ),
    Person("Siv Jentoft", Method.EMAIL, email="siv@jentoft.example", kind=Kind.PRIVATE, lines=(1, 3)),
    # Do it myself
    Person(
        "Kiosken på Torget",
        Method.SELF,
        "313904822",
        "kiosk@torget.example",
        street="Torget 1",
        postcode="7013",
        town="Trondheim",
    ),
    Person(
        "Gamle Ormen ANS", Method.SELF, "310909300", documents=BOTH, street="Sjøgata 44", postcode="8006", town="Bodø"
    ),
    Person("Tante Ellens Systue", Method.SELF, email="ellen@systue.example", kind=Kind.PRIVATE),
    # With a parent
    Person(
        "Norsk Byggdrift AS",
        Method.EINVOICE,
        "316352812",
        "faktura@byggdrift.example",
        documents=BOTH,
        street="Lysaker torg 5",
        postcode="1366",
        town="Lysaker",
    ),
    Person(
        "Norsk Byggdrift avd. Trondheim",
        "",
        parent="Norsk Byggdrift AS",
        street="Sluppenvegen 20",
        postcode="7037",
        town="Trondheim",
    ),
    Person("Dalen Gard, utleiehytter", "", parent="Dalen Gard"),
)
CUSTOMERS_BEFORE = (
    Person(
        "Askøy Rør AS",
        Method.EINVOICE,
        "313537927",
        documents=BOTH,
        street="Kleppestø 3",
        postcode="5300",
        town="Kleppestø",
    ),
    Person(
        "Bryggen Kontorhotell AS",
        Method.EINVOICE,
        "314067762",
        "drift@bryggen.example",
        documents=BOTH,
        street="Bryggen 11",
        postcode="5003",
        town="Bergen",
    ),
    Person("Damsgård Velforening", Method.EMAIL, email="vel@damsgard.example"),
    Person(
        "Eidsvåg Bakeri AS",
        Method.EMAIL,
        "315305306",
        "bakeri@eidsvag.example",
        street="Ervikveien 2",
        postcode="5106",
        town="Øvre Ervik",
    ),
    Person("Fana Tennisklubb", Method.EMAIL, "312609622", "styret@fanatennis.example", documents=BOTH),
    Person(
        "Gullfjellet Hytteservice", Method.SELF, "311864262", street="Hytteveien 80", postcode="5230", town="Espeland"
    ),
    Person(
        "Hordaland Heis AS", Method.EINVOICE, "314965922", street="Kokstadvegen 12", postcode="5257", town="Kokstad"
    ),
    Person("Isdalen Catering", Method.EMAIL, "312935988"),
    Person(
        "Janne Kvamme",
        Method.EMAIL,
        email="janne@kvamme.example",
        phone="+4790045678",
        kind=Kind.PRIVATE,
        documents="efaktura",
    ),
    Person("Knut Fløysand", Method.SELF, street="Fløyveien 3", postcode="5014", town="Bergen", kind=Kind.PRIVATE),
    Person(
        "Laksevåg Menighet",
        Method.EINVOICE,
        "310936863",
        "kontor@laksevag.example",
        documents=BOTH,
        electronic_only=True,
    ),
    Person("Morvik Båtforening", Method.SELF, "315742404", "bat@morvik.example"),
)
