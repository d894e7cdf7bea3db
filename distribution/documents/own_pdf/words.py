"""What is wrong with an own PDF, or what was mended, in words for an accountant. In the language of who reads it."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from distribution.documents.errors import Words
from distribution.documents.own_pdf.findings import Code

TEXTS: dict[str, Words] = {
    Code.INVALID_PDF: _("Filen er ikke en PDF."),
    Code.IS_ENCRYPTED: _("PDF-filen er beskyttet med passord. Lag den uten beskyttelse."),
    Code.PARSE_ERROR: _("PDF-filen er skadet og kan ikke leses. Lag den på nytt."),
    Code.PARSE_PAGE_ERROR: _("Side %(page)s er skadet og kan ikke leses. Lag PDF-filen på nytt."),
    Code.NO_PAGES: _("PDF-filen har ingen sider."),
    Code.TOO_MANY_PAGES: _("PDF-filen har %(pages)s sider. Printtjenesten tar høyst %(limit)s."),
    Code.VERSION: _("PDF-filen er av versjon %(version)s. Printtjenesten tar versjon 1.7 og eldre."),
    Code.DIMENSIONS: _("Side %(page)s er %(width)s x %(height)s mm. Printtjenesten tar bare A4 (210 x 297 mm)."),
    Code.FONT: _("Skrifttypene %(fonts)s følger ikke med i PDF-filen. Bygg dem inn når du lager den."),
    Code.MARGIN: _("Side %(page)s har tekst eller bilde i venstre marg. De ytterste 18 mm må være tomme."),
    Code.WINDOW: _("Første side har tekst eller bilde der adressen skal stå, øverst til venstre (125 x 89 mm)."),
    Code.UNVERIFIED: _("Side %(page)s er tegnet slik at vi ikke kan se om margen og adressefeltet er tomme."),
    Code.TOO_COMPLEX: _("PDF-filen er satt sammen av så mange deler at den ikke kan kontrolleres. Lag en enklere."),
    Code.DYNAMIC_FORM: _("PDF-filen er et skjema som bare vises riktig på skjerm. Lagre den som en vanlig PDF."),
    Code.LANDSCAPE: _("Liggende sider er snudd (side %(pages)s)."),
    Code.JAVASCRIPT: _("Skript er fjernet."),
    Code.LAUNCH: _("Kommandoer som starter andre programmer, er fjernet."),
    Code.RICH_MEDIA: _("Lyd, film og annet som ikke kan trykkes, er fjernet."),
    Code.XFA: _("Skjult skjemakode er fjernet."),
    Code.ACTION: _("Handlinger som kjører av seg selv når filen åpnes, er fjernet."),
}


def in_words(facts: Iterable[Sequence[Any]], *, codes: bool = True) -> str:
    """`as_facts`, read back from where they were kept, in the active language; each with its code where `codes`."""
    said = ((str(TEXTS[code]) % values, code) for code, values in facts)
    return " ".join(f"{text} ({code})" if codes else text for text, code in said)
