"""The words for the rules of EN 16931 (and for what breaks before them) that people meet: fields, sums and codes."""

from django.utils.translation import gettext_lazy as _

from distribution.documents.errors import Words

FIELDS_AND_LINES: dict[str, Words] = {
    "XSD": _(
        "Feltet «{field}» er ukjent, mangler noe eller står på feil sted i EHF-filen. Meld fra til leverandøren av fakturaprogrammet."
    ),
    "UBL": _("Filen er verken en faktura eller en kreditnota i EHF."),
    "ENGINE": _(
        "Kontrollen av fakturaen stoppet på noe den ikke kunne lese. Rett de andre feilene først, og prøv igjen."
    ),
    "BR-01": _("Fakturaen er ikke merket som EHF (CustomizationID). Meld fra til leverandøren av fakturaprogrammet."),
    "BR-02": _("Fakturanummeret mangler. Fyll det ut."),
    "BR-03": _("Fakturadatoen mangler. Fyll den ut."),
    "BR-04": _("Fakturatypen mangler. En vanlig faktura er 380, en kreditnota 381."),
    "BR-05": _("Fakturavalutaen mangler. Fyll den ut, for eksempel NOK."),
    "BR-06": _("Navnet på selgeren mangler. Fyll ut firmanavnet."),
    "BR-07": _("Navnet på kunden mangler. Fyll det ut."),
    "BR-08": _("Adressen til selgeren mangler. Fyll ut firmaets adresse."),
    "BR-09": _("Selgerens adresse mangler land. Fyll det ut, for eksempel NO."),
    "BR-10": _("Adressen til kunden mangler. Fyll den ut."),
    "BR-11": _("Kundens adresse mangler land. Fyll det ut, for eksempel NO."),
    "BR-12": _("Summen av linjene mangler. Fyll den ut."),
    "BR-13": _("Summen uten mva mangler. Fyll den ut."),
    "BR-14": _("Summen med mva mangler. Fyll den ut."),
    "BR-15": _("Beløpet å betale mangler. Fyll det ut."),
    "BR-16": _("Fakturaen har ingen linjer. Legg til minst én."),
    "BR-17": _("Navnet på betalingsmottakeren mangler. Fyll det ut."),
    "BR-21": _("Linjen mangler nummer. Gi den et."),
    "BR-22": _("Linjen mangler antall. Fyll det ut."),
    "BR-23": _("Antallet på linjen mangler enhet. Fyll den ut, for eksempel stk eller timer."),
    "BR-24": _("Linjen mangler sum. Fyll den ut."),
    "BR-25": _("Linjen mangler varenavn. Fyll det ut."),
    "BR-26": _("Linjen mangler pris. Fyll den ut."),
    "BR-27": _("Prisen på linjen er negativ. Bruk positiv pris og negativt antall."),
    "BR-28": _("Bruttoprisen på linjen er negativ. Bruk positiv pris og negativt antall."),
    "BR-29": _("Fakturaens periode slutter før den begynner. Rett datoene."),
    "BR-30": _("Perioden på linjen slutter før den begynner. Rett datoene."),
    **dict.fromkeys(("BR-31", "BR-41"), _("Rabatten mangler beløp. Fyll det ut.")),
    "BR-32": _("Rabatten mangler mva-type. Fyll den ut."),
    **dict.fromkeys(("BR-33", "BR-42", "BR-CO-21", "BR-CO-23"), _("Rabatten mangler årsak. Skriv den.")),
    **dict.fromkeys(("BR-36", "BR-43"), _("Gebyret mangler beløp. Fyll det ut.")),
    "BR-37": _("Gebyret mangler mva-type. Fyll den ut."),
    **dict.fromkeys(("BR-38", "BR-44", "BR-CO-22", "BR-CO-24"), _("Gebyret mangler årsak. Skriv den.")),
    "BR-45": _("Mva-spesifikasjonen mangler grunnlaget. Fyll det ut."),
    "BR-46": _("Mva-spesifikasjonen mangler mva-beløpet. Fyll det ut."),
    "BR-47": _("Mva-spesifikasjonen mangler mva-type. Fyll den ut."),
    "BR-48": _("Mva-spesifikasjonen mangler mva-sats. Fyll den ut."),
    "BR-49": _("Betalingsmåten mangler. Vanlig bankoverføring er 30."),
    **dict.fromkeys(("BR-50", "BR-61"), _("Kontonummeret som fakturaen skal betales til, mangler. Fyll det ut.")),
    "BR-51": _("Kortnummeret står for langt ut på fakturaen. Ta med høyst de seks første og de fire siste sifrene."),
    "BR-52": _("Vedlegget mangler en referanse. Gi det et nummer eller et navn."),
    "BR-53": _("Fakturaen har egen valuta for mva, men samlet mva i den valutaen mangler. Fyll den ut."),
    "BR-55": _("Henvisningen til en tidligere faktura mangler fakturanummeret. Fyll det ut."),
    "BR-57": _("Leveringsadressen mangler land. Fyll det ut, for eksempel NO."),
    "BR-62": _("Selgerens elektroniske adresse mangler type. For norske firmaer er den 0192."),
    "BR-63": _("Kundens elektroniske adresse mangler type. For norske firmaer er den 0192."),
}
SUMS_AND_CODES: dict[str, Words] = {
    "BR-CO-03": _("Fakturaen har både dato og kode for når mva skal beregnes. Ta bort en av dem."),
    "BR-CO-04": _("Linjen mangler mva-type. Fyll den ut."),
    "BR-CO-09": _("Et mva-nummer begynner ikke med landkoden. Et norsk er NO, ni sifre og MVA."),
    "BR-CO-10": _("Summen av linjene stemmer ikke med linjene. Legg dem sammen på nytt."),
    "BR-CO-11": _("Sum rabatter stemmer ikke med rabattene på fakturaen. Legg dem sammen på nytt."),
    "BR-CO-12": _("Sum gebyrer stemmer ikke med gebyrene på fakturaen. Legg dem sammen på nytt."),
    "BR-CO-13": _(
        "Summen uten mva stemmer ikke: den er summen av linjene, minus rabatter og pluss gebyrer. Regn den ut på nytt."
    ),
    "BR-CO-14": _("Samlet mva stemmer ikke med mva-spesifikasjonen. Legg sammen mva-beløpene på nytt."),
    "BR-CO-15": _("Summen med mva stemmer ikke: den er summen uten mva pluss samlet mva. Regn den ut på nytt."),
    "BR-CO-16": _(
        "Beløpet å betale stemmer ikke: det er summen med mva, minus forskuddsbetalt og pluss øreavrunding. Regn det ut på nytt."
    ),
    "BR-CO-17": _("Mva-beløpet stemmer ikke: det er grunnlaget ganger satsen, avrundet til øre. Regn det ut på nytt."),
    "BR-CO-18": _("Fakturaen mangler mva-spesifikasjon. Legg til en for hver mva-sats."),
    "BR-CO-19": _("Fakturaens periode mangler både start og slutt. Fyll ut minst en av dem."),
    "BR-CO-20": _("Perioden på linjen mangler både start og slutt. Fyll ut minst en av dem."),
    "BR-CO-26": _(
        "Selgeren kan ikke kjennes igjen: organisasjonsnummer og mva-nummer mangler. Fyll ut minst ett av dem."
    ),
    "BR-CL-01": _("Fakturatypen finnes ikke. En vanlig faktura er 380, en kreditnota 381."),
    **dict.fromkeys(
        ("BR-CL-03", "BR-CL-04", "BR-CL-05"), _("Valutaen finnes ikke. Bruk en gyldig kode, for eksempel NOK.")
    ),
    **dict.fromkeys(
        ("BR-CL-10", "BR-CL-11", "BR-CL-21", "BR-CL-26"),
        _("Nummeret til {party} har en type som ikke finnes. Rett typen; for norske organisasjonsnumre er den 0192."),
    ),
    "BR-CL-13": _("Varegruppen har en type som ikke finnes. Rett typen, eller ta bort varegruppen."),
    **dict.fromkeys(
        ("BR-CL-14", "BR-CL-15"), _("Landet finnes ikke. Bruk landkoden med to bokstaver, for eksempel NO.")
    ),
    "BR-CL-16": _("Betalingsmåten finnes ikke. Vanlig bankoverføring er 30."),
    **dict.fromkeys(("BR-CL-17", "BR-CL-18"), _("Mva-typen finnes ikke. Med mva er den S.")),
    "BR-CL-19": _("Årsakskoden for rabatten finnes ikke. Velg en annen kode, eller skriv årsaken som tekst."),
    "BR-CL-20": _("Årsakskoden for gebyret finnes ikke. Velg en annen kode, eller skriv årsaken som tekst."),
    "BR-CL-22": _(
        "Koden for hvorfor det ikke er mva, finnes ikke. Velg en annen kode, eller skriv begrunnelsen som tekst."
    ),
    "BR-CL-23": _("Enheten finnes ikke. Stykk er C62 eller H87, time er HUR."),
    "BR-CL-24": _(
        "Vedlegget er av en filtype som ikke kan sendes. Bruk PDF, PNG, JPEG, CSV, Excel eller OpenDocument."
    ),
    "BR-CL-25": _(
        "Den elektroniske adressen til {party} har en type som ikke er i bruk. For norske firmaer er den 0192."
    ),
}

TEXTS = FIELDS_AND_LINES | SUMS_AND_CODES
