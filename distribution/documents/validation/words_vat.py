"""The words for the rules of EN 16931 that are the same for many amounts, or for every type of VAT."""

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from distribution.documents.errors import Words

TOO_PRECISE = _("Beløpet «{amount}» har mer enn to desimaler. Rund av til øre.")
PRECISE: dict[str, Words] = {
    **dict.fromkeys(("BR-DEC-01", "BR-DEC-24"), _("rabatt")),
    **dict.fromkeys(("BR-DEC-02", "BR-DEC-25"), _("grunnlag for rabatt")),
    **dict.fromkeys(("BR-DEC-05", "BR-DEC-27"), _("gebyr")),
    **dict.fromkeys(("BR-DEC-06", "BR-DEC-28"), _("grunnlag for gebyr")),
    "BR-DEC-09": _("sum linjer"),
    "BR-DEC-10": _("sum rabatter"),
    "BR-DEC-11": _("sum gebyrer"),
    "BR-DEC-12": _("sum uten mva"),
    "BR-DEC-13": _("samlet mva"),
    "BR-DEC-14": _("sum med mva"),
    "BR-DEC-15": _("samlet mva i mva-valutaen"),
    "BR-DEC-16": _("forskuddsbetalt"),
    "BR-DEC-17": _("øreavrunding"),
    "BR-DEC-18": _("å betale"),
    "BR-DEC-19": _("grunnlag for mva"),
    "BR-DEC-20": _("mva-beløp"),
    "BR-DEC-23": _("linjesum"),
}

CATEGORIES: dict[str, Words] = {
    "S": _("med mva (S)"),
    "Z": _("0 prosent mva (Z)"),
    "E": _("unntatt mva (E)"),
    "AE": _("omvendt avgiftsplikt (AE)"),
    "IC": _("EØS-handel uten mva (K)"),
    "G": _("eksport uten mva (G)"),
    "O": _("utenfor mva-loven (O)"),
}
NO_ROW = _("Fakturaen har noe som er «{category}», men mva-spesifikasjonen har ikke en egen rad for det. Legg til den.")
NO_VAT_NUMBER = _("Selgerens mva-nummer mangler. Det må stå på en faktura med mva-typen «{category}».")
A_VAT_NUMBER = _(
    "Mva-nummer står på fakturaen, men mva-typen er «{category}». Ta bort mva-numrene, eller rett mva-typen."
)
RATE_NOT_ZERO = _("Mva-satsen må være 0 når mva-typen er «{category}». Rett satsen eller mva-typen.")
RATE_NOT_ABOVE_ZERO = _("Mva-satsen må være over 0 når mva-typen er «{category}». Rett satsen eller mva-typen.")
A_RATE = _("Mva-satsen må stå tom når mva-typen er «{category}». Ta bort satsen, eller rett mva-typen.")
OTHER_BASE = _(
    "Grunnlaget for mva-typen «{category}» stemmer ikke med linjene, rabattene og gebyrene som har den. Legg dem sammen på nytt."
)
TAX_NOT_ZERO = _("Mva-beløpet må være 0 når mva-typen er «{category}». Rett beløpet eller mva-typen.")
OTHER_TAX = _(
    "Mva-beløpet for mva-typen «{category}» stemmer ikke: det er grunnlaget ganger satsen. Regn det ut på nytt."
)
NO_REASON = _("Begrunnelsen mangler for mva-typen «{category}». Skriv hvorfor det ikke er mva.")
A_REASON = _("Mva-typen «{category}» skal ikke ha noen begrunnelse for at det ikke er mva. Ta den bort.")

OF_MOST: dict[str, Words] = {
    "01": NO_ROW,
    **dict.fromkeys(("02", "03", "04"), NO_VAT_NUMBER),
    **dict.fromkeys(("05", "06", "07"), RATE_NOT_ZERO),
    "08": OTHER_BASE,
    "09": TAX_NOT_ZERO,
    "10": NO_REASON,
}
OF_ONE: dict[str, dict[str, Words]] = {
    "S": {**dict.fromkeys(("05", "06", "07"), RATE_NOT_ABOVE_ZERO), "09": OTHER_TAX, "10": A_REASON},
    "Z": {"10": A_REASON},
    "O": {**dict.fromkeys(("02", "03", "04"), A_VAT_NUMBER), **dict.fromkeys(("05", "06", "07"), A_RATE)},
}
TEXTS: dict[str, Words] = {
    **{rule: format_lazy(TOO_PRECISE, amount=amount) for rule, amount in PRECISE.items()},
    **{
        f"BR-{letters}-{number}": format_lazy(text, category=category)
        for letters, category in CATEGORIES.items()
        for number, text in (OF_MOST | OF_ONE.get(letters, {})).items()
    },
}
