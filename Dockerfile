# Not tested on a Docker engine by us yet: written with care, so please report what fails.
#
# Alone, this image is the whole site with SQLite and the file queue in the volume /data:
#     docker build -t segue .
#     docker run -e SEGUE_SECRET_KEY=... -v segue:/data -p 8000:8000 segue
# compose.yaml runs it as separate web, worker and scheduler with PostgreSQL and Redis.

FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    SEGUE_DATA_DIR=/data

RUN useradd --system --uid 10001 --create-home segue \
    && mkdir /app /data \
    && chown segue:segue /app /data
WORKDIR /app

# PyTorch first, in a layer of its own. The default wheel for Linux may carry several gigabytes of
# GPU libraries; TORCH_INDEX names a package index with the CPU wheels (see PyTorch's install page):
#     docker build --build-arg TORCH_INDEX=https://... -t segue .
ARG TORCH_INDEX=
COPY requirements.txt ./
RUN torch="$(grep '^torch==' requirements.txt)" \
    && pip install ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} "$torch" \
    && pip install -r requirements.txt

COPY --chown=segue:segue . .

USER segue
VOLUME /data
EXPOSE 8000

# The start period leaves time for the first start: catalogue, simulated sessions, first model.
HEALTHCHECK --interval=15s --timeout=5s --start-period=300s --retries=4 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz/', timeout=4)"]

# exec: the supervisor receives the stop signal itself and collects what its programs leave.
CMD ["sh", "-c", "python manage.py prepare && exec python manage.py serve --bind 0.0.0.0:8000"]
