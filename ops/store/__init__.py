"""The event store on PostgreSQL: the library's persistence module of the register.

PERSISTENCE_MODULE=ops.store, with SOGOC_DSN and SOGOC_SCHEMA in the application's environment.
"""

from ops.store.factory import Factory
from ops.store.recorder import Recorder

__all__ = ["Factory", "Recorder"]
