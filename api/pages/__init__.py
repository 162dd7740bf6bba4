"""Pages for people: Vietnamese with English beside it, rendered here, without any script."""

from api.pages.routes import add_pages, router

__all__ = ["add_pages", "router"]
