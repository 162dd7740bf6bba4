"""How the register runs: settings, server, migrations, store and command line."""
