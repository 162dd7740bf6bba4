"""What the register costs, measured: `make bench`, `make bench-growth`, `make bench-nation`.

docs/performance.md says what each work is. Everything here writes only databases and folders of
its own, which it removes; nothing of the register imports it.
"""
