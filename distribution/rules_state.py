"""What to tell ops about the rules packs."""

from django.utils.translation import gettext as _

from distribution.documents.validation.packs import State


def in_words(state: State) -> str:
    """What is wrong and what to do; '' where nothing is."""
    match state:
        case State.MISSING:
            return _(
                "Peppols regler er ikke installert; e-fakturaer prøves bare mot de andre reglene."
                " Last ned utgaven fra docs.peppol.eu og kjør «manage.py rules install MAPPE»."
            )
        case State.OUTDATED:
            return _("Peppols regler er gamle; en ny utgave gjelder nå. Kjør «manage.py rules install MAPPE».")
        case State.CURRENT:
            return ""
