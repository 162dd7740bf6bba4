"""The vault: keys of persons in a place of their own, wrapped by a master key that is not there.

<schema>_keys          tables, on the log's server unless SOGOC_KEYS_DSN names another
<data>/master.key      the master key, unless SOGOC_MASTER_KEY or SOGOC_MASTER_KEY_FILE is set
"""

from ops.vault.keys import KeyVault
from ops.vault.masters import MasterKeys

__all__ = ["KeyVault", "MasterKeys"]
