"""How is this installation configured?"""

import base64
import hashlib

from django.utils.translation import gettext_lazy as _

from command_center import env

env.load_file()

BASE_DIR = env.ROOT
VAR = env.VAR
DEBUG = env.flag("DEBUG")
SECRET_KEY = env.text("SECRET_KEY") or ("development only" if DEBUG else "")
CURSOR_KEY = base64.urlsafe_b64encode(hashlib.sha256(f"cursor:{SECRET_KEY}".encode()).digest())
SEAL_DIR = env.text("SEAL_DIR") or str(VAR / "seals")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("TRUSTED_ORIGINS", "")
SECURE = env.flag("SECURE")  # behind TLS: secure cookies and HSTS

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "command_center.apps.Assets",
    "django.contrib.humanize",
    "channels",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "guardian",
    "allauth",
    "allauth.account",
    "django_htmx",
    "journal",
    "subcommittees",
    "sites",
    "incidents",
    "reports",
    "command_center.apps.CommandCenterConfig",
]

MIDDLEWARE = [
    "command_center.middleware.connection_alive",
    "command_center.middleware.security_headers",
    "command_center.middleware.language",
    "command_center.middleware.refuse_malformed",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # a weak network is the rule; it pads against guessing by length
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "command_center.middleware.operation",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "command_center.viewing.viewing",
    "command_center.sign_in.SignInFirst",
    "command_center.middleware.page_errors",
]

ROOT_URLCONF = "command_center.urls"
ASGI_APPLICATION = "command_center.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "command_center" / "templates"],  # before what the libraries bring
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "command_center.context.bar",
            ],
        },
    },
]

DATABASES = {
    "default": env.database(env.text("DATABASE_URL", "postgresql://baucu_web@127.0.0.1/baucu")),
    "owner": env.database(
        env.text("DATABASE_OWNER_URL") or env.text("DATABASE_URL", "postgresql://baucu_owner@127.0.0.1/baucu")
    ),
}
WEB_ROLE = env.text("WEB_ROLE", "baucu_web")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.text("REDIS_URL", "redis://127.0.0.1:6379/0")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

AUTH_USER_MODEL = "subcommittees.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "command_center.sign_in.Adapter"
ACCOUNT_FORMS = {
    "login": "command_center.sign_in.SignIn",
    "change_password": "command_center.sign_in.ChangePassword",
}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = False  # ours counts in PostgreSQL: subcommittees/lockout.py
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_PREVENT_ENUMERATION = True

# Notices that leave the house (journal/delivery.py); without these none does.
EMAIL_URL = env.text("EMAIL_URL")
if EMAIL_URL:
    globals().update(env.mail(EMAIL_URL))
SMS_GATEWAY = env.text("SMS_GATEWAY")  # `file`, or the https:// address of a gateway
SMS_TOKEN = env.text("SMS_TOKEN")

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "__Host-baucu" if SECURE else "baucu"
SESSION_COOKIE_SECURE = SECURE
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "command_center.errors.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
IMPORT_MAX_SIZE = 40 * 1024 * 1024  # of the one kind of request that brings a file

LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", _("Vietnamese")), ("en", _("English"))]
LANGUAGE_COOKIE_NAME = "lang"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = SECURE
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["command_center.formats"]
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = True
TIME_ZONE = "Asia/Ho_Chi_Minh"

STATIC_URL = "/static/"
STATIC_ROOT = env.text("STATIC_ROOT") or VAR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "command_center.assets.HashedAssets"},
}
WHITENOISE_USE_FINDERS = DEBUG

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "command_center.api.tokens.ByToken",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["command_center.api.parsing.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "command_center.api.paging.Paging",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.AnonRateThrottle",
        "rest_framework.throttling.UserRateThrottle",
    ],
    # A brake on runaway programs, not a quota: a province in a storm files far below this.
    "DEFAULT_THROTTLE_RATES": {"anon": "20/s", "user": "300/s"},
    "NUM_PROXIES": 1 if SECURE else 0,
    "EXCEPTION_HANDLER": "command_center.errors.api_error",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "COERCE_DECIMAL_TO_STRING": False,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Election security command centre",
    "DESCRIPTION": "Trung tâm chỉ huy bảo đảm an ninh, trật tự bầu cử",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SCHEMA_PATH_PREFIX": "/api/",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {"VerdictEnum": ["ready", "conditional", "not_ready", "silent"]},
}

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 60,
    "unacked_restore_throttle": 1,
    "socket_timeout": 30,
    "socket_connect_timeout": 5,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 50  # under the visibility timeout, or a slow task would run twice
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 5
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
# Beat only ticks. What is due stands in columns, so a late, doubled or missed tick changes nothing.
CELERY_BEAT_SCHEDULE = {
    "call out unanswered incidents": {
        "task": "incidents.tasks.call_out_unanswered",
        "schedule": 2.0,
        "options": {"expires": 10},
    },
    "check readiness": {"task": "sites.checks.tasks.check", "schedule": 4.0, "options": {"expires": 15}},
    "remind of readiness": {
        "task": "sites.checks.tasks.remind",
        "schedule": 15.0,
        "options": {"expires": 30},
    },
    "escalate findings": {"task": "sites.checks.tasks.escalate", "schedule": 5.0, "options": {"expires": 15}},
    "gather notices": {
        "task": "command_center.calling.gather_notices",
        "schedule": 5.0,
        "options": {"expires": 15},
    },
    "send notices": {
        "task": "command_center.calling.send_notices",
        "schedule": 5.0,
        "options": {"expires": 15},
    },
    "tidy ended authority": {
        "task": "subcommittees.tasks.tidy_ended_authority",
        "schedule": 10.0,
        "options": {"expires": 30},
    },
    "forget failed sign-ins": {
        "task": "subcommittees.tasks.forget_failed_sign_ins",
        "schedule": 3600.0,
        "options": {"expires": 600},
    },
    "forget old keys": {"task": "journal.tasks.forget_keys", "schedule": 3600.0, "options": {"expires": 600}},
    "look after imports": {
        "task": "command_center.tasks.look_after_imports",
        "schedule": 5.0,
        "options": {"expires": 15},
    },
    "forget imports": {
        "task": "command_center.tasks.forget_imports",
        "schedule": 3600.0,
        "options": {"expires": 600},
    },
    "forget exports": {
        "task": "command_center.exporting.forget_exports",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "seal the journal": {"task": "journal.tasks.seal", "schedule": 60.0, "options": {"expires": 60}},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "command_center.logs.OneLine"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {"django.server": {"handlers": ["console"], "propagate": False}},
}
SOCKETS_PER_USER = int(env.text("SOCKETS_PER_USER", "1200"))  # an open browser needs one; a bench needs many
WEB_THREADS = int(env.text("WEB_THREADS", "8"))  # also the most database connections that requests can hold
