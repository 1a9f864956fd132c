"""How gunicorn serves NTRL: threads, since requests mostly wait; a trigger may take minutes, and no request is cut off.

WEB_CONCURRENCY sets the processes (2), BIND the address (0.0.0.0:8000). Log lines are NTRL's own, text or JSON.
"""

import os

bind = os.environ.get("BIND", "0.0.0.0:8000")
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = 8
# Of a process that hangs as a whole; with threads it does not bound a request.
timeout = 60
graceful_timeout = 30
# Behind a proxy that keeps connections open for a minute.
keepalive = 65
# Memory that libraries do not give back.
max_requests, max_requests_jitter = 5_000, 500

_as_json = {"()": "ntrl.logs.JsonLines"}
_as_text = {"format": "{asctime} {levelname} {name} [{trace_id}] {message}", "style": "{"}
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"trace": {"()": "ntrl.logs.TraceFilter"}},
    "formatters": {"line": _as_json if os.environ.get("NTRL_LOG_FORMAT") == "json" else _as_text},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["trace"]}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "gunicorn.error": {"level": "INFO", "handlers": ["stderr"], "propagate": False},
        "gunicorn.access": {"level": "WARNING", "handlers": ["stderr"], "propagate": False},
    },
}
