"""The words for Peppol's rules: what is wrong, in which field, and what to do. {field} and {party} are read from the place."""

from django.utils.translation import gettext_lazy as _

from distribution.documents.errors import Words

TEXTS: dict[str, Words] = {
    "PREFLIGHT": _(
        "Feltet «{field}» kan ikke leses: et tall eller en dato er feil skrevet, eller verdien står to ganger. Rett verdien."
    ),
    "PEPPOL-EN16931-R008": _("Feltet «{field}» er tomt. Fyll det ut, eller ta det bort."),
    "PEPPOL-EN16931-R001": _(
        "Forretningsprosessen (ProfileID) mangler. Meld fra til leverandøren av fakturaprogrammet."
    ),
    "PEPPOL-EN16931-R002": _("Fakturaen har mer enn ett merknadsfelt. Samle teksten i ett."),
    "PEPPOL-EN16931-R003": _(
        "Fakturaen har verken «Deres ref.» eller ordrenummer. Fyll ut minst ett av dem; spør kunden hva som skal stå der."
    ),
    "PEPPOL-EN16931-R004": _(
        "Fakturaen er ikke merket som EHF Fakturering 3.0 (CustomizationID). Meld fra til leverandøren av fakturaprogrammet."
    ),
    "PEPPOL-EN16931-R005": _("Valutaen for mva er den samme som fakturavalutaen. Ta bort valutaen for mva."),
    "PEPPOL-EN16931-R007": _(
        "Forretningsprosessen (ProfileID) er ikke godkjent for EHF. Meld fra til leverandøren av fakturaprogrammet."
    ),
    "PEPPOL-EN16931-R010": _("Kundens elektroniske adresse mangler. Legg inn organisasjonsnummeret til kunden."),
    "PEPPOL-EN16931-R020": _("Selgerens elektroniske adresse mangler. Legg inn organisasjonsnummeret til firmaet."),
    "PEPPOL-EN16931-R040": _(
        "Beløpet på rabatten eller gebyret er ikke lik prosenten av grunnlaget. Regn ut beløpet på nytt."
    ),
    "PEPPOL-EN16931-R041": _(
        "Rabatten eller gebyret har en prosent, men mangler grunnlaget den regnes av. Fyll ut grunnlaget, eller ta bort prosenten."
    ),
    "PEPPOL-EN16931-R042": _(
        "Rabatten eller gebyret har et grunnlag, men mangler prosenten. Fyll ut prosenten, eller ta bort grunnlaget."
    ),
    "PEPPOL-EN16931-R043": _("Det står ikke om beløpet er en rabatt eller et gebyr. Velg en av delene."),
    "PEPPOL-EN16931-R044": _(
        "Det er lagt et gebyr på selve prisen. Der kan det bare stå en rabatt: legg gebyret på linjen i stedet."
    ),
    "PEPPOL-EN16931-R046": _("Nettoprisen er ikke lik bruttoprisen minus rabatten. Rett en av de tre."),
    "PEPPOL-EN16931-R051": _(
        "Feltet «{field}» har en annen valuta enn fakturaen. Alle beløp må stå i fakturavalutaen."
    ),
    "PEPPOL-EN16931-R053": _(
        "Fakturaen må ha én mva-spesifikasjon, verken flere eller ingen. Samle mva-beløpene i én."
    ),
    "PEPPOL-EN16931-R054": _(
        "Samlet mva i egen mva-valuta skal stå én gang når fakturaen har slik valuta, ellers ikke. Legg den til, eller ta den bort."
    ),
    "PEPPOL-EN16931-R055": _(
        "Samlet mva har ulikt fortegn i de to valutaene, eller mangler i en av dem. Rett beløpene."
    ),
    "PEPPOL-EN16931-R061": _(
        "Fakturaen betales med avtalt trekk, men avtalens referanse mangler. Fyll den ut, eller velg en annen betalingsmåte."
    ),
    "PEPPOL-EN16931-R080": _("Kreditnotaen viser til mer enn ett prosjekt. Behold ett."),
    "PEPPOL-EN16931-R100": _("Linjen viser til mer enn ett fakturert objekt. Behold ett."),
    "PEPPOL-EN16931-R101": _(
        "Linjen viser til et dokument som ikke er et fakturert objekt. Ta bort henvisningen fra linjen."
    ),
    "PEPPOL-EN16931-R110": _("Perioden på linjen begynner før fakturaens periode. Rett startdatoen."),
    "PEPPOL-EN16931-R111": _("Perioden på linjen slutter etter fakturaens periode. Rett sluttdatoen."),
    "PEPPOL-EN16931-R120": _(
        "Linjesummen stemmer ikke: den skal være antall ganger pris, pluss gebyrer og minus rabatter. Rett antall, pris eller sum."
    ),
    "PEPPOL-EN16931-R121": _("Antallet som prisen gjelder for, må være over 0. Rett det, eller ta det bort."),
    "PEPPOL-EN16931-R130": _(
        "Prisen gjelder for en annen enhet enn antallet på linjen. Bruk samme enhet begge steder."
    ),
    "PEPPOL-EN16931-CL001": _(
        "Vedlegget er av en filtype som ikke kan sendes. Bruk PDF, PNG, JPEG, CSV, Excel eller OpenDocument."
    ),
    "PEPPOL-EN16931-CL002": _(
        "Årsakskoden for rabatten finnes ikke. Velg en annen kode, eller skriv årsaken som tekst."
    ),
    "PEPPOL-EN16931-CL003": _(
        "Årsakskoden for gebyret finnes ikke. Velg en annen kode, eller skriv årsaken som tekst."
    ),
    "PEPPOL-EN16931-CL006": _(
        "Koden for når mva skal beregnes, finnes ikke. Bruk 3 (fakturadato), 35 (levering) eller 432 (betaling)."
    ),
    "PEPPOL-EN16931-CL007": _("Feltet «{field}» har en valuta som ikke finnes. Bruk en gyldig kode, for eksempel NOK."),
    "PEPPOL-EN16931-CL008": _(
        "Den elektroniske adressen til {party} har en type som ikke er i bruk. For norske firmaer er den 0192."
    ),
    "PEPPOL-EN16931-F001": _("Feltet «{field}» er ikke en gyldig dato. Skriv åååå-mm-dd, for eksempel 2026-11-24."),
    "PEPPOL-EN16931-P0100": _("Fakturatypen kan ikke sendes som EHF. En vanlig faktura er 380."),
    "PEPPOL-EN16931-P0101": _("Typen kreditnota kan ikke sendes som EHF. En vanlig kreditnota er 381."),
    "PEPPOL-EN16931-P0112": _("Fakturatypene 326 og 384 er bare for tyske firmaer. En vanlig faktura er 380."),
    "PEPPOL-COMMON-R040": _("GLN-nummeret til {party} er ikke gyldig. Se etter om et siffer er feil."),
    "PEPPOL-COMMON-R041": _(
        "Organisasjonsnummeret til {party} er ikke gyldig. Det har ni sifre: se etter om ett er feil."
    ),
    **dict.fromkeys(
        ("PEPPOL-COMMON-R042", "PEPPOL-COMMON-R052", "PEPPOL-COMMON-R053"),
        _("Det danske nummeret til {party} er ikke gyldig. Se etter om et siffer er feil."),
    ),
    "PEPPOL-COMMON-R043": _("Det belgiske foretaksnummeret til {party} er ikke gyldig. Se etter om et siffer er feil."),
    **dict.fromkeys(
        ("PEPPOL-COMMON-R044", "PEPPOL-COMMON-R045", "PEPPOL-COMMON-R046", "PEPPOL-COMMON-R047"),
        _("Det italienske nummeret til {party} er ikke gyldig. Se etter om et tegn er feil."),
    ),
    "PEPPOL-COMMON-R049": _(
        "Det svenske organisasjonsnummeret til {party} er ikke gyldig. Det har ti sifre: se etter om ett er feil."
    ),
    "PEPPOL-COMMON-R050": _("Det australske nummeret (ABN) til {party} er ikke gyldig. Se etter om et siffer er feil."),
    **dict.fromkeys(
        (
            "PEPPOL-COMMON-R054",
            "PEPPOL-COMMON-R055",
            "PEPPOL-COMMON-R056-1",
            "PEPPOL-COMMON-R056-2",
            "PEPPOL-COMMON-R057",
        ),
        _("Det nederlandske nummeret til {party} er ikke gyldig. Se etter om et tegn er feil."),
    ),
    "NO-R-001": _(
        "Selgerens mva-nummer er ikke riktig skrevet. Det er NO, ni sifre og MVA, for eksempel NO987654325MVA."
    ),
    "NO-R-002": _(
        "Ordet «Foretaksregisteret» mangler. Det må stå på fakturaen når selgeren er AS, ASA eller filial av et utenlandsk selskap."
    ),
    "PEPPOL-EN16931-P0104": _(
        "Begrunnelsen for at det ikke er mva, passer bare med mva-typen eksport uten mva (G). Rett mva-typen eller begrunnelsen."
    ),
    "PEPPOL-EN16931-P0105": _(
        "Begrunnelsen for at det ikke er mva, passer bare med mva-typen utenfor mva-loven (O). Rett mva-typen eller begrunnelsen."
    ),
    "PEPPOL-EN16931-P0106": _(
        "Begrunnelsen for at det ikke er mva, passer bare med mva-typen EØS-handel uten mva (K). Rett mva-typen eller begrunnelsen."
    ),
    "PEPPOL-EN16931-P0107": _(
        "Begrunnelsen for at det ikke er mva, passer bare med mva-typen omvendt avgiftsplikt (AE). Rett mva-typen eller begrunnelsen."
    ),
    **dict.fromkeys(
        ("PEPPOL-EN16931-P0108", "PEPPOL-EN16931-P0109", "PEPPOL-EN16931-P0110", "PEPPOL-EN16931-P0111"),
        _(
            "Begrunnelsen for at det ikke er mva, passer bare med mva-typen unntatt mva (E). Rett mva-typen eller begrunnelsen."
        ),
    ),
}
