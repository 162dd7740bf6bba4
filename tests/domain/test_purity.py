"""The domain is handed the day, the id and the rules; it never asks, and it knows no neighbour."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import domain

MODULES = sorted(Path(str(domain.__file__)).parent.glob("**/*.py"))
ASKING = {"now", "today", "utcnow", "uuid1", "uuid4", "uuid6", "uuid7", "time", "monotonic"}
FORBIDDEN = {"os", "random", "secrets", "socket", "sqlite3", "subprocess", "time", "io", "pathlib"}


def imported(tree: ast.AST) -> Iterator[str]:
    for part in ast.walk(tree):
        if isinstance(part, ast.Import):
            yield from (alias.name for alias in part.names)
        elif isinstance(part, ast.ImportFrom):
            yield part.module or ""


def called(tree: ast.AST) -> Iterator[str]:
    for part in ast.walk(tree):
        if isinstance(part, ast.Call):
            function = part.func
            yield getattr(function, "attr", getattr(function, "id", ""))


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_it_imports_the_standard_library_and_the_librarys_domain_only(module):
    for name in imported(ast.parse(module.read_text("utf-8"))):
        root = name.partition(".")[0]
        assert root == "domain" or name == "eventsourcing.domain" or is_pure(root), name


def is_pure(root: str) -> bool:
    return root in sys.stdlib_module_names and root not in FORBIDDEN


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_it_asks_no_clock_and_draws_no_random_number(module):
    assert not ASKING & set(called(ast.parse(module.read_text("utf-8"))))
