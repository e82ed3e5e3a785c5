# How does one image carry web, worker, beat and the commands of the operator?
FROM python:3.11-slim AS built
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
COPY requirements.lock /tmp/requirements.lock
RUN /opt/venv/bin/pip install --no-deps --require-hashes -r /tmp/requirements.lock

FROM python:3.11-slim
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 STATIC_ROOT=/srv/static VAR=/var/lib/baucu
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent baucu \
    && install -d -o baucu -g baucu -m 700 /var/lib/baucu /var/lib/baucu-seals
COPY --from=built /opt/venv /opt/venv
WORKDIR /srv/app
COPY . .
# Static files and translations belong to the release, not to a volume: a volume would keep those of the last one.
RUN python -c "from command_center.up import translations; translations.compile_changed()" \
    && SECRET_KEY=build python manage.py collectstatic --no-input --verbosity 0
USER 10001:10001
EXPOSE 8000
CMD ["uvicorn", "command_center.asgi:application", "--host", "0.0.0.0", "--port", "8000", "--no-proxy-headers", "--ws-max-size", "65536", "--ws-per-message-deflate", "false"]
