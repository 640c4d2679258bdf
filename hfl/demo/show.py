"""What the demo looks like: step by step, and the table at the end. Plain without a terminal."""

import time
from dataclasses import dataclass
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

WIDTH_MAX: Final = 100
TITLE_WIDTH: Final = 9
# Long enough to read a line as it appears; nothing waits when there is no terminal.
READ_S: Final = 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that was shown. short: for the table, one line; rows: where the journal says so."""

    title: str
    what: str
    why: str
    short: str
    rows: str
    style: str = "cyan"


class Show:
    """Prints steps as they happen and keeps them for the summary."""

    def __init__(self, console: Console | None = None, *, is_read: bool = True) -> None:
        self.console = console or Console(highlight=False)
        self.console.width = min(self.console.width, WIDTH_MAX)
        self.steps: list[Step] = []
        self.began_s = time.monotonic()
        # Whether each step is given time to be read before the next one.
        self.is_read = is_read

    def opening(self, folder: str, *, has_screen: bool = False) -> None:
        """Say what is going to happen."""
        self.console.print(Text("HedgeFund-Lite in under a minute", style="bold"))
        self.console.print(
            "A real bot on a simulated market: no key, no account, no network. What follows\n"
            "is read from its journal; the processes and the SIGKILL are real."
        )
        if has_screen:
            self.console.print(
                "In a few seconds the screen opens on it; q leaves it, and the rest follows."
            )
        self.console.print(Text(f"home: {folder}\n", style="dim"), soft_wrap=True)

    def act(self, text: str) -> None:
        """Head a part of the tale."""
        self.console.print()
        self.console.rule(Text(text, style="bold"), align="left", style="dim", characters="─")

    def tell(self, step: Step) -> None:
        """Print one step: what, and why below it."""
        self.steps.append(step)
        line = Table.grid(padding=(0, 1))
        line.add_column(width=TITLE_WIDTH, no_wrap=True)
        line.add_column(ratio=1)
        line.add_row(Text(step.title, style=f"bold {step.style}"), Text(step.what))
        if step.why:
            line.add_row("", Text(step.why, style="dim"))
        self.console.print(line)
        if self.console.is_terminal and self.is_read:
            time.sleep(READ_S)

    def summary(self, numbers: list[tuple[str, str]], commands: list[tuple[str, str]]) -> None:
        """Print the closing table and what to try next."""
        self.act(f"What you have seen, in {time.monotonic() - self.began_s:.0f} seconds")
        table = Table(box=SIMPLE_HEAD, pad_edge=False, expand=True, padding=(0, 1))
        table.add_column("", width=2)
        table.add_column("step", no_wrap=True)
        table.add_column("what the journal says", ratio=1, no_wrap=True, overflow="ellipsis")
        table.add_column("rows", justify="right", style="dim", no_wrap=True)
        for step in self.steps:
            title = Text(step.title, style=f"bold {step.style}")
            table.add_row(Text("ok", style="green"), title, Text(step.short), step.rows)
        self.console.print(table)
        for name, text in numbers:
            self.console.print(Text.assemble((f"{name:<9}", "dim"), text), soft_wrap=True)
        self.console.print(Text("\nAsk it yourself:", style="bold"))
        for command, what in commands:
            self.console.print(Text(f"  # {what}", style="dim"), soft_wrap=True)
            self.console.print(Text(f"  {command}", style="green"), soft_wrap=True)
