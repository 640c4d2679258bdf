"""Stories and traces in sections for the screen, in the words of `explain` and `why`."""

from decimal import Decimal
from typing import Final

from hfl.commands.explain import heading, inputs_of, told_of
from hfl.commands.why import Answer
from hfl.glance import Data, Row
from hfl.story import Story
from hfl.words import SECOND_NS, instant, plain, short, span
from hfl_tui.ports import Section

RULE_MARKS: Final = ("ok", "NO", "n/a")
IDENTITY: Final = ("journal", "proof")
SHORT_HASH: Final = 16


def story_sections(story: Story) -> tuple[Section, ...]:
    """Return verdict, votes, inputs, sizing, rules, timeline and identity of a story."""
    signal = next((row for row in story.rows if row.kind == "SignalEmitted"), None)
    judged = next((row for row in story.rows if row.kind == "RiskAssessed"), None)
    found = [Section(title="Verdict", rows=tuple(_verdict(story, signal, judged)))]
    if signal is not None:
        found.append(Section(title="Votes and weights", rows=tuple(_votes(signal.data))))
        found.append(Section(title="Inputs it saw", rows=tuple(_inputs(story, signal))))
    if judged is not None and judged.data["sizing"]:
        pairs = (f"{name:<16} {short(text)}" for name, text in judged.data["sizing"])
        found.append(Section(title="Sizing", rows=tuple(pairs)))
    if judged is not None and judged.data["rules"]:
        found.append(_rules(judged))
    found.append(Section(title="Timeline", rows=tuple(_timeline(story.rows))))
    found.append(Section(title="Identity", rows=tuple(_identity(story))))
    return tuple(found)


def _verdict(story: Story, signal: Row | None, judged: Row | None) -> list[str]:
    rows = []
    if signal is not None:
        stance = {1: "LONG", -1: "SHORT", 0: "FLAT"}[signal.data["direction"]]
        rows.append(
            f"{stance} {signal.data['symbol']}: {signal.data['setup']}; "
            f"score {short(signal.data['blended'])}."
        )
        against = [
            f"{source} {short(score)} x {short(weight)}"
            for source, weight, score in signal.data["weights"]
            if float(score) * float(signal.data["blended"]) < 0
        ]
        flags = signal.data["flags"]
        rows.append(f"Against: {', '.join([*against, *flags]) or 'no view, no flag'}.")
    if judged is not None:
        data = judged.data
        size = plain(Decimal(data["quantity"]))
        if data["allowed"]:
            rows.append(f"Risk let it through with size {size}. {data['reason']}".rstrip())
        else:
            rows.append(f"REFUSED by risk: {data['reason']}. It did not trade.")
    if story.trade is not None or story.order:
        rows += [line.strip() for line in heading(story)]
    return rows or [f"{story.symbol}: no decision is recorded here"]


def _votes(data: Data) -> list[str]:
    rows = [f"{'view':<12} {'score':>9} {'weight':>8} {'part':>8}"]
    total = 0.0
    for source, weight, score in data["weights"]:
        part = float(score) * float(weight)
        total += part
        rows.append(f"{source:<12} {float(score):>+9.4f} {float(weight):>8.4f} {part:>+8.4f}")
    rows.append(f"blended score {float(data['blended']):+.4f}  {data['rationale']}")
    return rows


def _inputs(story: Story, signal: Row) -> list[str]:
    told = told_of(signal)
    seen = [line for line in told if line.split(maxsplit=1)[0] in {"bar", "flags", "features"}]
    rows = [f"bar closed {instant(signal.data['slot_ns'])}, decided {instant(signal.time_ns)}"]
    rows += seen
    rows.append(f"numbers    {'  '.join(f'{n} {short(t)}' for n, t in signal.data['numbers'])}")
    inputs = {**story.sources, **inputs_of(story)}
    digest = str(inputs.get("content_hash") or inputs.get("digest") or "")
    rows.append(f"source     {inputs.get('source', '')} {inputs.get('data_set', '')}, "
                f"hash {digest[:SHORT_HASH]}")  # fmt: skip
    return rows


def _rules(judged: Row) -> Section:
    lines = [line.strip() for line in told_of(judged)[1:]]
    rules = [line for line in lines if line.split(maxsplit=1)[:1] in [[m] for m in RULE_MARKS]]
    order = {"NO": 0, "ok": 1, "n/a": 2}
    rules.sort(key=lambda line: order[line.split(maxsplit=1)[0]])
    passed = sum(rule["outcome"] != "refuse" for rule in judged.data["rules"])
    title = f"Risk rules {passed} of {len(judged.data['rules'])} passed"
    return Section(title=title, rows=tuple(rules))


def _timeline(rows: list[Row]) -> list[str]:
    """Return one line a row with what passed since the one before, by the machine's clock too."""
    found = []
    last: Row | None = None
    for row in rows:
        since = ""
        if last is not None:
            engine_ns, wall_ns = row.time_ns - last.time_ns, row.wall_ns - last.wall_ns
            since = f"+{span(engine_ns)}" if engine_ns else f"+{wall_ns / 1e6:.1f} ms"
            if abs(wall_ns) >= SECOND_NS and engine_ns:
                since = f"+{span(engine_ns)}"
        clock = instant(row.time_ns).rstrip("Z")
        found.append(f"{clock}  {since:>9}  {told_of(row)[0]}")
        last = row
    return found


def _identity(story: Story) -> list[str]:
    inputs = {**story.sources, **inputs_of(story)}
    hashes = inputs.pop("hashes", {})
    first, last = story.rows[0].seq, story.rows[-1].seq
    rows = [f"journal rows {first:,} to {last:,}, run {inputs.get('run', '')}"]
    names = ("config_blob", "plan_blob", "limits_hash", "intent_hash", "row_hash")
    rows += [f"{name:<12} {str(inputs[name])[:SHORT_HASH]}" for name in names if inputs.get(name)]
    rows += [f"{name + ' hash':<16} {digest[:SHORT_HASH]}" for name, digest in hashes.items()]
    return rows


def answer_sections(found: Answer) -> tuple[Section, ...]:
    """Return a traced scan in sections, from the text that `hfl why` prints."""
    lines = [line.strip() for line in found.text().splitlines()]
    verdict, rest = lines[:2], lines[2:]
    verdict += [line for line in rest if line.startswith("because")]
    rules = [line for line in rest if line.split(maxsplit=1)[:1] in [[m] for m in RULE_MARKS]]
    identity = [line for line in rest if line.startswith(IDENTITY)]
    taken = {*verdict, *rules, *identity}
    seen = [line for line in rest if line and line not in taken]
    parts = [
        Section(title="Verdict", rows=tuple(verdict)),
        Section(title="What it saw and thought", rows=tuple(seen)),
        Section(title="Risk rules", rows=tuple(rules)),
        Section(title="Identity and proof", rows=tuple(identity)),
    ]
    return tuple(part for part in parts if part.rows)
