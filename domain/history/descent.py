"""Descent: what events say of those who take over."""

from __future__ import annotations

from typing import Any, ClassVar


class Succeeded:
    """v1 (2025-07) said to whom and to what extent; v2 (2026-11) how many people, how much land."""

    class_version: ClassVar[int] = 2

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        for successor in state["successors"]:
            successor |= {"population": None, "area": None}
