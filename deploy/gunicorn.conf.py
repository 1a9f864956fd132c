"""How gunicorn serves NTRL: threads, since requests mostly wait; a trigger may take minutes.

Nothing cuts a request off but stopping or reloading the server: then it has 30 seconds, and the watch closes the run
that it was. WEB_CONCURRENCY sets the processes (2), BIND the address (0.0.0.0:8000). Log lines are NTRL's own.
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
# Processes are not changed for new ones after so many requests: that would cut off what takes longer than `timeout`.
max_requests = 0
# A search for the longest query (each letter of four bytes, written %F0 and so on) in the most sources.
limit_request_line = 8190
# It would be a socket in the home folder, which can't be written to.
control_socket_disable = True

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
