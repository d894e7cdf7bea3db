"""All settings, read from the environment (`.env.example` lists them); an empty environment works and reaches nothing real."""

from urllib.parse import urlparse

import django_stubs_ext
import structlog
from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured

from autoinvoice_site.environment import (
    BASE_DIR,
    FileAwareEnvironment,
    anymail_providers,
    anymail_settings,
    email_settings,
    kept_secrets,
)

django_stubs_ext.monkeypatch()  # generic admin classes, as mypy wants them written
env = FileAwareEnvironment()
if (BASE_DIR / ".env").is_file():
    env.read_env(BASE_DIR / ".env")

# --- where things are ------------------------------------------------------------------------------------------------
DATA_DIR = (BASE_DIR / env.str("DATA_DIR", default="var")).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)
SITE_URL = env.str("SITE_URL", default=f"http://127.0.0.1:{env.int('PORT', default=8000)}").rstrip("/")
SITE_HOST = urlparse(SITE_URL).hostname or ""
HTTPS = SITE_URL.startswith("https://")
ON_THIS_MACHINE = SITE_HOST in {"127.0.0.1", "localhost", "::1"}

# --- security --------------------------------------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    if HTTPS:
        raise ImproperlyConfigured("SECRET_KEY must be given (or SECRET_KEY_FILE) where SITE_URL is https.")
    SECRET_KEY = kept_secrets(DATA_DIR)["SECRET_KEY"]
# Of what is secret in the database: the first one writes, all of them read.
FIELD_ENCRYPTION_KEYS = env.list("FIELD_ENCRYPTION_KEYS", default=[])
if not FIELD_ENCRYPTION_KEYS:
    if HTTPS:
        raise ImproperlyConfigured("FIELD_ENCRYPTION_KEYS must be given where SITE_URL is https.")
    FIELD_ENCRYPTION_KEYS = [kept_secrets(DATA_DIR)["FIELD_ENCRYPTION_KEY"]]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = [SITE_URL]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
# TLS ends at a proxy that must set this header itself (docs/operations.md); without it https would redirect for ever.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
# So many proxies stand before us and append the address they were called from to X-Forwarded-For. Nobody else's word counts.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=1 if HTTPS else 0)
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"  # but for the PDF, which its invoice's page shows in a frame
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'self'"],
    }
}
DATA_UPLOAD_MAX_NUMBER_FILES = 500  # in one upload; the page says so
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

# --- what runs -------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "customers",
    "distribution",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "django_htmx",
    "csp",
    "anymail",
    "autoinvoice_site",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "customers.middleware.UserLanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "distribution.views.kept.KeptForms",
]
ROOT_URLCONF = "autoinvoice_site.urls"
WSGI_APPLICATION = "autoinvoice_site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "distribution.views.frame.frame",
            ]
        },
    }
]

# --- data ------------------------------------------------------------------------------------------------------------
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'db.sqlite3'}")}
_database = DATABASES["default"]
if _database["ENGINE"] == "django.db.backends.sqlite3":
    # synchronous=FULL: NORMAL can lose the last commit at a power cut, and an accepted invoice would go again.
    _database["OPTIONS"] = {
        "timeout": 30,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
    # A file, not memory: tests with threads and worker processes need the database that a deployment has.
    _database["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
else:
    _database["CONN_MAX_AGE"] = 60
    _database["CONN_HEALTH_CHECKS"] = True
    # Compiling costs a page 200 ms where the query takes 50; nothing here runs for so long that it pays.
    _database["OPTIONS"] = {"options": "-c jit=off", **_database.get("OPTIONS", {})}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(DATA_DIR / "media")},
    },
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if HTTPS
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
    "frozen": {"BACKEND": "distribution.frozen.SyncedFolder", "OPTIONS": {"location": str(DATA_DIR / "frozen")}},
}
# Of each process, for counting who asks too often (docs/decisions): it must hold more addresses than somebody may have.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 10_000}}}
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
WHITENOISE_USE_FINDERS = (
    not HTTPS
)  # a real deployment runs collectstatic; the first start on a laptop should not have to

# --- people ----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "customers.User"
AUTHENTICATION_BACKENDS = ["customers.access.SignIn"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "customers.access.ClosedSignUp"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"

# --- language and time -----------------------------------------------------------------------------------------------
# Texts are written in bokmål in the code; locale/en holds the English.
LANGUAGE_CODE = "nb"
LANGUAGES = [("nb", "Norsk bokmål"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "autoinvoice_site" / "locale"]
TIME_ZONE = "Europe/Oslo"
USE_TZ = USE_I18N = True

# --- mail ------------------------------------------------------------------------------------------------------------
EMAIL_URL = env.str("EMAIL_URL", default="folder")
globals().update(email_settings(EMAIL_URL, DATA_DIR / "out" / "site"))
ANYMAIL = anymail_settings()
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="faktura@autoinvoice.example")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_UNCERTAIN = env.str("EMAIL_UNCERTAIN", default="hold")
EMAIL_MAX_BYTES = env.int("EMAIL_MAX_BYTES", default=8_000_000)  # of a mail as it goes over the line; larger: a link
EMAIL_PER_MINUTE = env.int("EMAIL_PER_MINUTE", default=0)  # of this installation; 0: no limit
EMAIL_COMPANY_PER_MINUTE = env.int("EMAIL_COMPANY_PER_MINUTE", default=0)
# Where bounces go: local+<tag>@domain, a tag for each delivery and address.
BOUNCE_ADDRESS = env.str("BOUNCE_ADDRESS", default="") or DEFAULT_FROM_EMAIL
BOUNCE_IMAP_URL = env.str("BOUNCE_IMAP_URL", default="")
ANYMAIL_WEBHOOK_SECRET = env.str("ANYMAIL_WEBHOOK_SECRET", default="")
ANYMAIL_WEBHOOK_PROVIDERS = env.list("ANYMAIL_WEBHOOK_PROVIDERS", default=anymail_providers(EMAIL_URL))

# --- registers and transports ----------------------------------------------------------------------------------------
EINVOICE_REGISTER = env.str("EINVOICE_REGISTER", default="file")
EFAKTURA_REGISTER = env.str("EFAKTURA_REGISTER", default="file")
EFAKTURA_MIN_DAYS = env.int("EFAKTURA_MIN_DAYS", default=4)
EINVOICE_TRANSPORT = env.str("EINVOICE_TRANSPORT", default="folder")
EFAKTURA_TRANSPORT = env.str("EFAKTURA_TRANSPORT", default="folder")
AUTOINVOICE_URL = env.str("AUTOINVOICE_URL", default="").rstrip("/")
AUTOINVOICE_VENDOR_KEY = env.str("AUTOINVOICE_VENDOR_KEY", default="")
PRINT_TRANSPORT = env.str("PRINT_TRANSPORT", default="folder")
PRINT_MAX_PAGES = env.int("PRINT_MAX_PAGES", default=9)  # of a company's own PDF
PRINT_COVER_SHEET = env.bool("PRINT_COVER_SHEET", default=True)  # the print house lays one before a company's own PDF
PRINT_SFTP_URL = env.str("PRINT_SFTP_URL", default="")
PRINT_SFTP_KEY = env.str("PRINT_SFTP_KEY", default="")
PRINT_SFTP_HOST_KEY = env.str("PRINT_SFTP_HOST_KEY", default="")
EHF_RULES_DIR = env.str("EHF_RULES_DIR", default=str(DATA_DIR / "rules"))
SML_ZONE = env.str("SML_ZONE", default="participant.sml.prod.tech.peppol.org")
SML_NAMESERVERS = env.list("SML_NAMESERVERS", default=[])
SMP_TRUST_DIR = env.str("SMP_TRUST_DIR", default="")
OUTBOUND_PRIVATE_HOSTS = env.list("OUTBOUND_PRIVATE_HOSTS", default=[])
LINK_DAYS = env.int("LINK_DAYS", default=400)

# --- the engine ------------------------------------------------------------------------------------------------------
LEASE_SECONDS = env.int("LEASE_SECONDS", default=60)
SWEEP_SECONDS = env.int("SWEEP_SECONDS", default=15)
RETRY_HOURS = env.int("RETRY_HOURS", default=24)
SEND_DELAY_SECONDS = env.int("SEND_DELAY_SECONDS", default=60)

# --- celery: messages are doorbells, so a broker may lose or double them ----------------------------------------------
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="filesystem://")
if CELERY_BROKER_URL == "filesystem://":
    _broker = DATA_DIR / "broker"
    for _folder in (_broker / "messages", _broker / "control"):
        _folder.mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_broker / "messages"),
        "data_folder_out": str(_broker / "messages"),
        "control_folder": str(_broker / "control"),
        "polling_interval": 0.2,
    }
    # Over a broker without events the children of a pool share a lock, and one that is killed takes it along: the others
    # would wait for ever. So the worker's main process does the work itself, and whoever started it starts it again.
    CELERY_WORKER_POOL = "solo"
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.1}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False  # the embedded broker can't carry it; workers are seen by their rows
CELERY_WORKER_CONCURRENCY = env.int("WORKER_CONCURRENCY", default=2)
CELERY_WORKER_PROC_ALIVE_TIMEOUT = 30.0  # seconds; a child loads the rules of e-invoices first
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "distribution.tasks.sweep", "schedule": SWEEP_SECONDS, "options": {"expires": 4 * SWEEP_SECONDS}},
    "watch": {"task": "distribution.tasks.watch", "schedule": 60, "options": {"expires": 60}},
    "refresh_lookups": {
        "task": "distribution.tasks.refresh_lookups",
        "schedule": crontab(hour=1, minute=15),
        "options": {"expires": 3600},
    },
    "read_agreements": {
        "task": "distribution.tasks.read_agreements",
        "schedule": crontab(hour=2, minute=45),
        "options": {"expires": 3600},
    },
    "morning_mail": {
        "task": "distribution.tasks.morning_mail",
        "schedule": crontab(hour=7, minute=0),
        "options": {"expires": 3 * 3600},
    },
}

if BOUNCE_IMAP_URL:
    CELERY_BEAT_SCHEDULE["read_bounces"] = {
        "task": "distribution.tasks.read_bounces",
        "schedule": 180,
        "options": {"expires": 180},
    }

# --- logs: one JSON line a state change, ids as fields ----------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
            "foreign_pre_chain": [
                structlog.stdlib.add_logger_name,
                structlog.stdlib.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.stdlib.ExtraAdder(),
                structlog.processors.format_exc_info,
            ],
        }
    },
    "filters": {"without_tokens": {"()": "autoinvoice_site.logs.WithoutTokens"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["without_tokens"]}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        # WeasyPrint and fontTools speak of style sheets and fonts, never of anything a person must act on.
        "weasyprint": {"level": "ERROR"},
        "fontTools": {"level": "ERROR"},
        "pikepdf": {"level": "WARNING"},
        # aiosmtpd, which takes bounces, writes every command with its addresses (T93).
        "mail.log": {"level": "WARNING"},
        # asyncssh writes every line and its end; what a letter came to stands in our own.
        "asyncssh": {"level": "WARNING"},
    },
}
