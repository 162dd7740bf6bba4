"""How the register speaks of itself: an event name and key-values, one line each, on stderr.

Names bound with `structlog.contextvars` (request_id, correlation_id) are in every line.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence

import orjson
import structlog
from structlog.typing import EventDict, Processor

SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    structlog.processors.StackInfoRenderer(),
)


def log_as_json(*more: Processor, level: int = logging.INFO) -> None:
    """For a service: JSON lines, also from libraries that use the standard logging.

    `more` may add to each line.
    """
    # Without the values of local variables: they may be personal.
    traces = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    renderers: list[Processor] = [
        structlog.processors.ExceptionRenderer(traces),
        structlog.processors.JSONRenderer(_json),
    ]
    _set_up(level, renderers, more)


def log_to_console(level: int = logging.WARNING) -> None:
    """For the command line: warnings and worse, for a person to read."""
    # Without the values of local variables here, too.
    plain = structlog.dev.plain_traceback
    renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)
    _set_up(level, [renderer])


def _set_up(level: int, renderers: list[Processor], more: Sequence[Processor] = ()) -> None:
    """May be repeated: the last call counts."""
    shared = (*SHARED, *more)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
    )
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=level, force=True)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _json(event: EventDict, **_: object) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
