"""Every setting, read from the environment through one typed reader; `.env.example` explains each one."""

from pathlib import Path

import django_stubs_ext
from csp.constants import NONE, SELF
from environs import FileAwareEnv, validate

import ntrl
from ntrl.environment import prepare_data_dir, read_database, read_networks, read_rate
from ntrl.llm import configuration as llm
from ntrl.llm.chains import default_chains
from ntrl.llm.types import ProviderName

# Lets classes of Django that are generic to the type checker be written so, `ModelAdmin[Source]`.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent

# File-aware: a secret may stand in a file that NAME_FILE names, as container platforms mount them.
env = FileAwareEnv()
env.read_env(BASE_DIR / ".env", recurse=False)


DEBUG = env.bool("NTRL_DEBUG", False)
NTRL_DATA_DIR = Path(env.str("NTRL_DATA_DIR", "") or BASE_DIR / "var").resolve()
SECRET_KEY = prepare_data_dir("NTRL_DATA_DIR", NTRL_DATA_DIR, secret_key=env.str("NTRL_SECRET_KEY", ""))
ALLOWED_HOSTS = env.list("NTRL_ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("NTRL_CSRF_TRUSTED_ORIGINS", [])
NTRL_HTTPS = env.bool("NTRL_HTTPS", False)

# What the outside world may ask of us, and what we may ask of it.
ADMIN_API_KEY = env.str("ADMIN_API_KEY", "")
NTRL_FETCH_ALLOW_NETWORKS = read_networks("NTRL_FETCH_ALLOW_NETWORKS", env.list("NTRL_FETCH_ALLOW_NETWORKS", []))
NTRL_FETCH_CONTACT_URL = env.str("NTRL_FETCH_CONTACT_URL", "https://ntrl.example/bot")
NTRL_FETCH_PER_HOST = env.int("NTRL_FETCH_PER_HOST", 2, validate=validate.Range(min=1))
NTRL_FETCH_PAUSE_SECONDS = env.float("NTRL_FETCH_PAUSE_SECONDS", 0.5, validate=validate.Range(min=0, max=10))

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "rest_framework",
    "rest_framework_api_key",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "ntrl.accounts",
    "ntrl.stages",
    "ntrl.llm",
    "ntrl.rules",
    "ntrl.rest",
    "ingestion",
    "classification",
    "neutralization",
    "briefs",
    "narratives",
    "narratives.facts",
    "search",
    # Before django_q, whose command `qcluster` it extends.
    "ntrl.pipeline",
    "django_q",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "ntrl.urls"
WSGI_APPLICATION = "ntrl.wsgi.application"
ASGI_APPLICATION = "ntrl.asgi.application"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

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
            ],
        },
    },
]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

DATABASE_URL = env.str("DATABASE_URL", "")
DATABASES = {"default": read_database("DATABASE_URL", DATABASE_URL or f"sqlite:///{NTRL_DATA_DIR / 'ntrl.sqlite3'}")}
# Facts may stand in a database of their own, also in somebody else's tables; without it in the default one.
FACTS_DATABASE_URL = env.str("FACTS_DATABASE_URL", "")
if FACTS_DATABASE_URL:
    DATABASES["facts"] = read_database("FACTS_DATABASE_URL", FACTS_DATABASE_URL)
for database in DATABASES.values():
    # A connection serves many requests: opening one takes longer than most of them.
    database.update(CONN_MAX_AGE=60, CONN_HEALTH_CHECKS=True)
    if database["ENGINE"] == "django.db.backends.sqlite3":
        # A writer waits for another instead of failing, and readers never wait for a writer.
        database["OPTIONS"] = {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
DATABASE_ROUTERS = ["narratives.facts.router.FactsRouter"]

# Requests are counted in files, which all processes of a machine share; see ntrl/rest/throttling.py.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "throttle": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": NTRL_DATA_DIR / "throttle",
        # Clients in the minute; beyond that some are forgotten, and begin anew.
        "OPTIONS": {"MAX_ENTRIES": 1000},
    },
}

STATIC_URL = "static/"
STATIC_ROOT = NTRL_DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Served from the sources too, so that a fresh clone needs no collectstatic.
WHITENOISE_USE_FINDERS = True

# Article bodies: in an S3 bucket, or on disk.
NTRL_BODIES_BUCKET = env.str("NTRL_BODIES_BUCKET", "")
NTRL_S3_ENDPOINT_URL = env.str("NTRL_S3_ENDPOINT_URL", "")
NTRL_S3_REGION = env.str("NTRL_S3_REGION", "")
_BODIES_ON_DISK = {
    "BACKEND": "ntrl.bodies_on_disk.DiskBodies",
    # A body saved again must land on the same key: a killed run is repeated, and a story's key is its id.
    "OPTIONS": {"location": NTRL_DATA_DIR / "bodies", "allow_overwrite": True},
}
_BODIES_IN_S3 = {
    "BACKEND": "ntrl.bodies_in_s3.S3Bodies",
    "OPTIONS": {
        "bucket_name": NTRL_BODIES_BUCKET,
        "endpoint_url": NTRL_S3_ENDPOINT_URL,
        "region_name": NTRL_S3_REGION,
    },
}
STORAGES = {
    "bodies": _BODIES_IN_S3 if NTRL_BODIES_BUCKET else _BODIES_ON_DISK,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# Language models. A provider without a key is left out of every chain; without any, stages do without models.
LLM_PROVIDERS = dict(
    [
        llm.provider(
            ProviderName.OPENAI,
            base_url=env.str("OPENAI_BASE_URL", "") or "https://api.openai.com/v1",
            model=env.str("OPENAI_MODEL", "") or "gpt-6-luna",
            api_key=env.str("OPENAI_API_KEY", ""),
        ),
        llm.provider(
            ProviderName.GEMINI,
            base_url=env.str("GEMINI_BASE_URL", "") or "https://generativelanguage.googleapis.com/v1beta/openai/",
            model=env.str("GEMINI_MODEL", "") or "gemini-3.5-flash-lite",
            api_key=env.str("GEMINI_API_KEY", ""),
        ),
        llm.provider(
            ProviderName.ANTHROPIC,
            base_url=env.str("ANTHROPIC_BASE_URL", "") or "https://api.anthropic.com",
            model=env.str("ANTHROPIC_MODEL", "") or "claude-haiku-5-5",
            api_key=env.str("ANTHROPIC_API_KEY", ""),
        ),
        llm.provider(
            ProviderName.LOCAL,
            base_url=env.str("LOCAL_LLM_BASE_URL", ""),
            model=env.str("LOCAL_LLM_MODEL", ""),
        ),
    ]
)
LLM_CHAINS = default_chains(LLM_PROVIDERS)
LLM_PRICES = llm.read_prices("LLM_PRICES", env.str("LLM_PRICES", ""))
LLM_BUDGET_USD_PER_RUN = llm.read_budget("LLM_BUDGET_USD_PER_RUN", env.str("LLM_BUDGET_USD_PER_RUN", ""))
LLM_BUDGET_USD_PER_DAY = llm.read_budget("LLM_BUDGET_USD_PER_DAY", env.str("LLM_BUDGET_USD_PER_DAY", ""))
LLM_TIMEOUT_SECONDS = env.float("LLM_TIMEOUT_SECONDS", 30.0, validate=validate.Range(min=0.1, max=600))
LLM_DEADLINE_SECONDS = env.float("LLM_DEADLINE_SECONDS", 90.0, validate=validate.Range(min=0.1, max=3600))
NTRL_LLM_LOG_TEXT = env.bool("NTRL_LLM_LOG_TEXT", False)
NTRL_FALLBACK_TO_LEXICON = env.bool("NTRL_FALLBACK_TO_LEXICON", False)
# Another system's narratives, for the backfill of their foci.
MONGODB_URI = env.str("MONGODB_URI", "")
# The messages that facts are taken from: a Qdrant server, or a local folder of one.
QDRANT_URL = env.str("QDRANT_URL", "")
QDRANT_API_KEY = env.str("QDRANT_API_KEY", "")
QDRANT_PATH = Path(path) if (path := env.str("QDRANT_PATH", "")) else None

# Jobs: one cluster a machine, all on the queue in the default database.
NTRL_CLUSTER_WORKERS = env.int("NTRL_CLUSTER_WORKERS", 2, validate=validate.Range(min=1, max=32))
NTRL_TASK_TIMEOUT_SECONDS = env.int("NTRL_TASK_TIMEOUT_SECONDS", 10_800, validate=validate.Range(min=60, max=86_400))
Q_CLUSTER = {
    "name": "ntrl",
    "label": "Jobs",
    "orm": "default",
    "broker_class": "ntrl.pipeline.queue.ClusterQueue",
    "workers": NTRL_CLUSTER_WORKERS,
    "timeout": NTRL_TASK_TIMEOUT_SECONDS,
    # Counted from when a task is taken off the queue, so that one that waits for a worker is not given out twice.
    "retry": 4 * NTRL_TASK_TIMEOUT_SECONDS,
    # A task is never begun again by itself: its next schedule does what is left, and money is not spent twice.
    "max_attempts": 1,
    "ack_failures": True,
    "catch_up": False,
    # What one cluster holds back from the others while its workers are busy.
    "queue_limit": 1,
    "save_limit": 500,
}

# How long records are kept, in days: the log's rows, finished tasks and told alerts; the texts of calls to models.
NTRL_LOG_DAYS = env.int("NTRL_LOG_DAYS", 90, validate=validate.Range(min=1, max=3650))
NTRL_LLM_TEXT_DAYS = env.int("NTRL_LLM_TEXT_DAYS", 14, validate=validate.Range(min=1, max=3650))

# Alerts: to whom, and how mail gets out.
NTRL_ALERT_EMAILS: list[str] = env.list("NTRL_ALERT_EMAILS", [])
NTRL_ALERT_WEBHOOK_URL = env.str("NTRL_ALERT_WEBHOOK_URL", "")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("DEFAULT_FROM_EMAIL", "ntrl@localhost")
EMAIL_HOST = env.str("EMAIL_HOST", "localhost")
EMAIL_PORT = env.int("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = env.bool("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10

# The REST API. How often a client may ask: at all, with a key, and to start a run.
NTRL_THROTTLE = {
    "client": read_rate("NTRL_THROTTLE_CLIENT", env.str("NTRL_THROTTLE_CLIENT", "100/minute")),
    "admin": read_rate("NTRL_THROTTLE_ADMIN", env.str("NTRL_THROTTLE_ADMIN", "10/minute")),
    "trigger": read_rate("NTRL_THROTTLE_TRIGGER", env.str("NTRL_THROTTLE_TRIGGER", "5/minute")),
}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["ntrl.rest.authentication.KeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["ntrl.rest.authentication.HasScope"],
    "DEFAULT_PARSER_CLASSES": ["ntrl.rest.parsing.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "ntrl.rest.paging.Pages",
    "DEFAULT_FILTER_BACKENDS": ["ntrl.rest.filters.StrictFilters"],
    "DEFAULT_SCHEMA_CLASS": "ntrl.api.schema.EndpointSchema",
    "EXCEPTION_HANDLER": "ntrl.rest.problems.handle",
    "DATETIME_FORMAT": "%Y-%m-%dT%H:%M:%SZ",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
    # Of X-Forwarded-For only what our own proxies have written counts.
    "NUM_PROXIES": env.int("NTRL_PROXIES", 0, validate=validate.Range(min=0, max=10)),
}
SPECTACULAR_SETTINGS = {
    "TITLE": "NTRL",
    "DESCRIPTION": "News without manipulative language. docs/api.md explains keys, limits, errors and caching.",
    "VERSION": ntrl.__version__,
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "PATH_CONVERTER_OVERRIDES": {"id": {"type": "string", "format": "uuid"}},
    "ENUM_NAME_OVERRIDES": {
        "StoryStatusEnum": "neutralization.models.Status",
        "FeedCategoryEnum": "search.api.SECTIONS",
        "RunEndingEnum": "ntrl.rest.fields.ENDINGS",
        "PipelineStatusEnum": "ntrl.pipeline.api.RUN_STATUSES",
    },
}

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True

SECURE_CONTENT_TYPE_NOSNIFF = True
# Other sites learn nothing. With "no-referrer" browsers send our own forms with `Origin: null`, and CSRF refuses them.
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = NTRL_HTTPS
SESSION_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = NTRL_HTTPS
# Asked by whoever runs the containers, from beside them.
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 31_536_000 if NTRL_HTTPS else 0
# What other hosts of the domain do, and whether browsers are told of it beforehand, is not ours to say.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if NTRL_HTTPS else None
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

LOG_FORMAT = env.str("NTRL_LOG_FORMAT", "text", validate=validate.OneOf(["text", "json"]))
LOG_LEVEL = env.str(
    "NTRL_LOG_LEVEL", "WARNING", validate=validate.OneOf(["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"])
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"trace": {"()": "ntrl.logs.TraceFilter"}},
    "formatters": {
        "text": {"format": "{asctime} {levelname} {name} [{trace_id}] {message}", "style": "{"},
        "json": {
            "()": "ntrl.logs.JsonLines",
        },
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["trace"]},
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        # Libraries that write a warning for every odd page would drown ours.
        **{name: {"level": "CRITICAL"} for name in ("trafilatura", "readability", "htmldate", "courlan")},
        # Their own lines on requests, one each, would too; what fails is told by whoever asked.
        **{name: {"level": "CRITICAL"} for name in ("httpx", "httpx2")},
        # At lower levels these write requests down, with keys and the text of articles.
        **{name: {"level": "WARNING"} for name in ("openai", "anthropic", "httpcore", "httpcore2")},
        # In their own format they would be no JSON.
        "django.server": {"handlers": [], "propagate": True},
        # Its debugging lines hold whole documents.
        "pymongo": {"level": "WARNING"},
    },
}
