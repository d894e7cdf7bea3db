"""Settings out of the environment (interfaces.md): an empty one works, half ones fail by name, secrets stay private."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.conf import LazySettings
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

from autoinvoice_site.environment import BASE_DIR, email_settings, kept_secrets
from tests.environment import our_variables


def setting(name: str, **environment: str) -> str:
    code = f"from django.conf import settings; print(settings.{name})"
    clean = {key: value for key, value in os.environ.items() if key in {"PATH", "HOME", "LANG", "DATA_DIR"}}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=BASE_DIR, capture_output=True, text=True,
        env={**clean, "DJANGO_SETTINGS_MODULE": "autoinvoice_site.settings", **environment},
    )  # fmt: skip
    return done.stdout.strip() or done.stderr


def test_secrets_are_made_once_and_are_the_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "own"
    first = kept_secrets(folder)

    assert kept_secrets(folder) == first
    assert len(first["SECRET_KEY"]) >= 50
    assert stat.S_IMODE((folder / "secrets").stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == ["secrets"]


def test_an_older_releases_secrets_stay_and_get_what_is_new(tmp_path: Path) -> None:
    (tmp_path / "secrets").write_text('{"SECRET_KEY": "fra-en-eldre-utgave"}')

    kept = kept_secrets(tmp_path)

    assert kept["SECRET_KEY"] == "fra-en-eldre-utgave"
    assert len(Fernet(kept["FIELD_ENCRYPTION_KEY"]).encrypt(b"x")) > 0
    assert kept_secrets(tmp_path) == kept


def test_https_without_keys_for_the_database_is_refused_by_name(tmp_path: Path) -> None:
    said = setting(
        "FIELD_ENCRYPTION_KEYS", DATA_DIR=str(tmp_path), SITE_URL="https://faktura.example", SECRET_KEY="x" * 50
    )

    assert "FIELD_ENCRYPTION_KEYS must be given" in said
    assert not (tmp_path / "secrets").exists()


def test_the_word_of_one_proxy_is_taken_behind_https_and_of_none_without(tmp_path: Path) -> None:
    https = {"SITE_URL": "https://faktura.example", "SECRET_KEY": "x" * 50, "FIELD_ENCRYPTION_KEYS": "y"}

    assert setting("ALLAUTH_TRUSTED_PROXY_COUNT", DATA_DIR=str(tmp_path)) == "0"
    assert setting("ALLAUTH_TRUSTED_PROXY_COUNT", DATA_DIR=str(tmp_path), **https) == "1"
    assert setting("ALLAUTH_TRUSTED_PROXY_COUNT", DATA_DIR=str(tmp_path), TRUSTED_PROXIES="2", **https) == "2"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"EINVOICE_TRANSPORT": "autoinvoice"}, "autoinvoice.E004"),
        ({"BOUNCE_ADDRESS": "returer-til-avsender@firma.test"}, "autoinvoice.E007"),
        ({"BOUNCE_ADDRESS": "Retur <retur@firma.test>"}, "autoinvoice.E007"),
        ({"BOUNCE_IMAP_URL": "imaps://retur@firma.test/"}, "autoinvoice.E008"),
        ({"ANYMAIL_WEBHOOK_SECRET": "hemmelig"}, "autoinvoice.E009"),
        (
            {"EFAKTURA_REGISTER": "autoinvoice", "AUTOINVOICE_URL": "https://ax.example"},
            "without AUTOINVOICE_VENDOR_KEY",
        ),
        ({"FIELD_ENCRYPTION_KEYS": "ikke-en-nokkel"}, "autoinvoice.E005"),
        ({"PRINT_TRANSPORT": "autoinvoice"}, "PRINT_TRANSPORT is «autoinvoice»"),
    ],
)
def test_half_of_a_provider_is_an_error_by_name(tmp_path: Path, given: dict[str, str], said: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=BASE_DIR, capture_output=True, text=True,
        env={**os.environ, "DATA_DIR": str(tmp_path), **given},
    )  # fmt: skip

    assert done.returncode == 1
    assert said in done.stderr
    assert "ikke-en-nokkel" not in done.stderr


@pytest.mark.parametrize(
    ("url", "warned"),
    [
        ("smtp://bruker:hemmelig@mail.firma.test:587", True),
        ("smtp://10.0.0.5", True),
        ("smtp://localhost", False),
        ("smtp://127.0.0.2:25", False),
        ("smtp://[::1]:25", False),
        ("smtp+tls://mail.firma.test", False),
        ("smtps://mail.firma.test", False),
        ("anymail://postmark", False),
        ("folder", False),
    ],
)
def test_mail_in_the_clear_to_another_machine_is_warned_about(settings: LazySettings, url: str, warned: bool) -> None:
    settings.EMAIL_URL = url

    found = [message for message in run_checks(tags=["security"]) if message.id == "autoinvoice.W003"]

    assert len(found) == warned
    assert not any("hemmelig" in str(message) for message in found)


def test_https_without_a_secret_is_refused_by_name(tmp_path: Path) -> None:
    said = setting("SECRET_KEY", DATA_DIR=str(tmp_path), SITE_URL="https://faktura.example")

    assert "SECRET_KEY must be given" in said
    assert not (tmp_path / "secrets").exists()


def test_every_setting_can_come_from_a_file_without_its_newline(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("fra-en-fil\n")

    assert setting("SECRET_KEY", DATA_DIR=str(tmp_path), SECRET_KEY_FILE=str(tmp_path / "key")) == "fra-en-fil"
    (tmp_path / "hosts").write_text("a.example,b.example\n")
    assert (
        setting("ALLOWED_HOSTS", DATA_DIR=str(tmp_path), ALLOWED_HOSTS_FILE=str(tmp_path / "hosts"))
        == "['a.example', 'b.example']"
    )


@pytest.mark.parametrize(
    ("url", "tls", "ssl", "port"),
    [
        ("smtp://mail.example", False, False, 25),
        ("smtp+tls://u:p%40ss@mail.example", True, False, 587),
        ("smtps://mail.example", False, True, 465),
        ("smtp+ssl://mail.example:2465", False, True, 2465),
    ],
)
def test_email_url_says_how_the_line_is_secured(url: str, tls: bool, ssl: bool, port: int) -> None:
    wanted = email_settings(url, Path("unused"))

    assert (wanted["EMAIL_USE_TLS"], wanted["EMAIL_USE_SSL"], wanted["EMAIL_PORT"]) == (tls, ssl, port)
    if "@" in url:
        assert wanted["EMAIL_HOST_PASSWORD"] == "p@ss"


@pytest.mark.parametrize("url", ["http://mail.example", "smtp://", "mail.example"])
def test_a_wrong_email_url_fails_by_name(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL"):
        email_settings(url, Path("unused"))


def test_every_setting_that_is_read_stands_in_the_example() -> None:
    read = set(
        re.findall(r"""env\.\w+\(\s*["']([A-Z_]+)["']""", (BASE_DIR / "autoinvoice_site" / "settings.py").read_text())
    )

    assert read
    assert read - set(our_variables()) == set()


def test_a_transport_that_this_release_does_not_have_is_an_error_by_name(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=BASE_DIR, capture_output=True, text=True,
        env={**os.environ, "DATA_DIR": str(tmp_path), "EINVOICE_TRANSPORT": "brevdue"},
    )  # fmt: skip

    assert done.returncode == 1
    assert "EINVOICE_TRANSPORT is «brevdue»" in done.stderr
