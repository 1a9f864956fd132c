"""Ask an address, and exit 0 when it answers 200: `python deploy/probe.py http://127.0.0.1:8000/readyz`."""

import sys
from http.client import HTTPException
from urllib.request import ProxyHandler, build_opener

TIMEOUT_SECONDS = 4

try:
    with build_opener(ProxyHandler({})).open(sys.argv[1], timeout=TIMEOUT_SECONDS) as reply:
        sys.exit(reply.status != 200)
except (OSError, HTTPException) as error:
    sys.exit(f"{sys.argv[1]}: {error}")
