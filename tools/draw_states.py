"""Draw what documents say of the code from it: states, events, codes of data checks.

Run `python tools/draw_states.py` after a change of the table or of an event; a test compares.
"""

import inspect
import re
import sys
import typing
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ARCHITECTURE = ROOT / "docs" / "architecture.md"
CATALOGUE = ROOT / "docs" / "events.md"
CODES = ROOT / "docs" / "data.md"
TOPICS = {
    "_events_runs": "Runs, data sets and time",
    "_events_decisions": "The machine and decisions",
    "_events_orders": "Orders",
    "_events_account": "The account and its limits",
    "_events_control": "Stop and control",
}


def state_diagram() -> str:
    """Return the transition table as a mermaid diagram; triggers with one target share an arrow."""
    from hfl_core.engine.table import HALTED, TABLE

    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {HALTED}"]
    for source, row in TABLE.items():
        for target in dict.fromkeys(row.values()):
            triggers = [trigger for trigger, end in row.items() if end == target]
            lines.append(f"    {source} --> {target}: {', '.join(triggers)}")
    return "\n".join([*lines, "```"])


def event_catalogue() -> str:
    """Return every event: kind, version, whether it is an input, its meaning and its fields."""
    from hfl_core.domain.events import EVENT_TYPES
    from hfl_core.domain.values import field_names

    lines: list[str] = []
    for module, topic in TOPICS.items():
        lines += [f"## {topic}", "", "| kind | enters as | meaning | fields |", "|---|---|---|---|"]
        for kind in EVENT_TYPES:
            if not kind.__module__.endswith(module):
                continue
            meaning = " ".join((inspect.getdoc(kind) or "").split())
            hints = typing.get_type_hints(kind)
            fields = ", ".join(f"`{name}`: {_type_text(hints[name])}" for name in field_names(kind))
            enters = "input" if kind.IS_INPUT else "outcome"
            lines.append(f"| `{kind.__name__}` v{kind.VERSION} | {enters} | {meaning} | {fields} |")
        lines.append("")
    return "\n".join(lines).rstrip()


def code_table() -> str:
    """Return every code that a check of market data can tell, the gravest first."""
    from hfl_data.inspection.check import all_checks
    from hfl_data.inspection.finding import Severity

    rows = [
        (list(Severity).index(code.severity), code.name, kind.name, code)
        for kind in all_checks()
        for code in kind.codes
    ]
    lines = ["| code | severity | found by | what | what to do |", "|---|---|---|---|---|"]
    lines.extend(
        f"| `{name}` | {code.severity} | `{check}` | {code.what} | {code.remedy} |"
        for _, name, check, code in sorted(rows, key=lambda row: row[:2])
    )
    return "\n".join(lines)


def _type_text(hint: object) -> str:
    text = hint.__name__ if isinstance(hint, type) and not typing.get_args(hint) else str(hint)
    text = re.sub(r"\b(?:\w+\.)+(\w+)", r"\1", text)
    return text.replace("<class '", "").replace("'>", "").replace("|", "or")


DRAWINGS = {
    ARCHITECTURE: ("state diagram", state_diagram),
    CATALOGUE: ("event catalogue", event_catalogue),
    CODES: ("codes of data checks", code_table),
}


def drawn(text: str, name: str, drawing: str) -> str:
    """Return a document with the drawing between its markers.

    Raises ValueError when the document has no such markers.
    """
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    if text.count(begin) != 1 or text.count(end) != 1:
        raise ValueError(f"expected the markers {begin} and {end} once each: put them back")
    head, rest = text.split(begin)
    return f"{head}{begin}\n\n{drawing}\n\n{end}{rest.split(end)[1]}"


def main() -> int:
    """Write every drawing into its document."""
    for path, (name, draw) in DRAWINGS.items():
        path.write_text(drawn(path.read_text(), name, draw()))
        print(f"{path.relative_to(ROOT)}: {name} drawn")
    return 0


if __name__ == "__main__":
    sys.exit(main())
