# One image for everything: web (the default), worker and set-up differ by their command. See docs/operations.md.
FROM python:3.11-slim

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 NTRL_DATA_DIR=/var/lib/ntrl

RUN useradd --system --uid 10001 --home-dir /var/lib/ntrl --create-home ntrl
WORKDIR /srv/ntrl

COPY requirements.lock ./
RUN pip install --no-cache-dir --disable-pip-version-check --no-deps --require-hashes -r requirements.lock

COPY manage.py ./
COPY ntrl ntrl
COPY ingestion ingestion
COPY classification classification
COPY neutralization neutralization
COPY briefs briefs
COPY narratives narratives
COPY search search
COPY templates templates
COPY static static
COPY deploy deploy

USER ntrl
VOLUME /var/lib/ntrl
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "deploy/probe.py", "http://127.0.0.1:8000/livez"]
CMD ["gunicorn", "--config", "deploy/gunicorn.conf.py", "ntrl.wsgi"]
