"""Older shapes of events: what a later version says more, and how a record of before is lifted.

An upcast rearranges what was stored and invents nothing: what was not recorded becomes None.
"""
