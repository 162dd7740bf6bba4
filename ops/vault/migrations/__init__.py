"""The vault's tables, step by step: numbered SQL files, applied by ops.migrate."""
