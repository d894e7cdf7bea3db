# Untested where this was written: no container engine there. docs/operations.md says what a real deployment needs.
FROM python:3.11-slim-bookworm

# The same as bin/setup run; Pango draws the PDFs.
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig fonts-lato ca-certificates \
    && rm -rf /var/lib/apt/lists/*

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/data
WORKDIR /app
COPY requirements.lock .
RUN pip install --no-cache-dir --no-deps --only-binary :all: --require-hashes -r requirements.lock
COPY . .

RUN useradd --system --uid 10001 --home-dir /data app && install -d -o app /data
USER app
VOLUME /data
EXPOSE 8000

# Inside the container only; the proxy in front ends TLS and sets X-Forwarded-Proto.
CMD ["gunicorn", "autoinvoice_site.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", "--no-control-socket"]
