"""The English is complete, and what is shipped is what was written."""

import polib

from autoinvoice_site.environment import BASE_DIR

FOLDER = BASE_DIR / "autoinvoice_site" / "locale" / "en" / "LC_MESSAGES"


def test_every_text_has_its_english() -> None:
    missing = [entry.msgid for entry in polib.pofile(str(FOLDER / "django.po")) if not entry.translated()]

    assert missing == []


def test_the_compiled_texts_are_those_of_the_catalogue() -> None:
    written = {entry.msgid: entry.msgstr or entry.msgstr_plural for entry in polib.pofile(str(FOLDER / "django.po"))}
    shipped = {entry.msgid: entry.msgstr or entry.msgstr_plural for entry in polib.mofile(str(FOLDER / "django.mo"))}

    assert shipped == written
