"""A screen as text: what tests compare and what a person may copy."""

from textual.screen import Screen


def text_of_screen(screen: Screen[object]) -> list[str]:
    """Return every row of a screen, as it is drawn, without styles."""
    rows = screen._compositor.render_strips()
    return [strip.text.rstrip() for strip in rows]
