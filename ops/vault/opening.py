"""The vault that the settings name: its tables made or compared, and opened."""

from __future__ import annotations

from importlib import resources
from typing import Any

from psycopg import Connection
from psycopg_pool import ConnectionPool

from ops.migrate import Migration, NotMigrated, check, migrate, migrations_in
from ops.settings import Settings
from ops.vault.keys import KeyVault
from ops.vault.masters import MasterKeys
from services.vault import VaultLocked

MASTER_KEY = "master.key"


def shipped() -> list[Migration]:
    """The migrations of the vault."""
    return migrations_in(resources.files("ops.vault.migrations"))


def migrate_vault(settings: Settings, dsn: str) -> list[str]:
    """As ops.migrate.migrate, for the tables of the vault; `dsn` is that of the log."""
    return migrate(settings.keys_dsn or dsn, settings.keys_schema, shipped(), extensions=())


def refuse_unmigrated(settings: Settings, dsn: str) -> None:
    """Raises VaultLocked when the tables are not there."""
    try:
        check(settings.keys_dsn or dsn, settings.keys_schema, shipped(), extensions=())
    except NotMigrated:
        raise VaultLocked("There is no store of keys yet: run `sogoc migrate`") from None


def vault_on(connections: ConnectionPool[Connection[Any]], settings: Settings) -> KeyVault:
    """The vault behind these connections."""
    return KeyVault(connections, settings.keys_schema, master_keys(settings))


def master_keys(settings: Settings) -> MasterKeys:
    file = settings.master_key_file or settings.data / MASTER_KEY
    return MasterKeys(file, settings.master_key, settings.master_key_next)
