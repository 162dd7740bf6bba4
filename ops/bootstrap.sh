#!/bin/sh
# Make .venv and fill it: sh ops/bootstrap.sh LOCK STAMP. Safe to repeat; STAMP is touched only when everything is there.
set -eu

lock=$1
stamp=$2

fail() {
    echo "sogoc: $1" >&2
    exit 1
}

find_python() {
    for name in python3 python3.11 python3.12 python3.13 python3.14; do
        if command -v "$name" >/dev/null 2>&1 &&
            "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    fail "Python 3.11 or newer is needed and was not found on PATH; install it and run make again."
}

# Debian splits ensurepip off into a package that carries the version in its name.
install_venv_package() {
    package=python$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
        fail "this Python cannot make virtual environments; install $package (apt-get install $package) and run make again."
    fi
    echo "sogoc: installing $package" >&2
    apt-get update -qq >/dev/null 2>&1 || true
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$package" >/dev/null ||
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null ||
        fail "apt-get could not install $package; install it by hand and run make again."
}

make_environment() {
    python=$(find_python) || exit 1
    rm -rf .venv
    "$python" -c 'import ensurepip, venv' 2>/dev/null || install_venv_package "$python"
    "$python" -m venv .venv || fail "$python -m venv .venv failed; its words stand above."
}

# A Python that was upgraded or moved away leaves an environment that no longer starts.
.venv/bin/python -m pip --version >/dev/null 2>&1 || make_environment

# Twice quiet: errors alone are shown.
pip() {
    PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 .venv/bin/python -m pip -qq "$@"
}

echo "sogoc: installing $lock into .venv" >&2
pip install --require-hashes -r "$lock" || fail "pip could not install $lock; its words stand above."
pip install --no-deps --no-build-isolation -e . || fail "pip could not install sogoc itself; its words stand above."
touch "$stamp"
