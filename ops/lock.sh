#!/bin/sh
# Write the requirements*.lock from pyproject.toml. uv is taken from PATH, or installed beside .venv.
set -eu

uv=$(command -v uv || true)
if [ -z "$uv" ]; then
    uv=.venv/uv/bin/uv
    [ -x "$uv" ] || { python3 -m venv .venv/uv && .venv/uv/bin/pip install --quiet uv; }
fi

compile() {
    "$uv" pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.11 \
        --custom-compile-command "make lock" --no-emit-index-url --no-emit-find-links \
        --extra build "$@" pyproject.toml
}

compile --output-file requirements.lock
compile --extra tracing --extra dev --constraint requirements.lock --output-file requirements-dev.lock
compile --extra bench --constraint requirements.lock --output-file requirements-bench.lock
