"""The later acts: a SIGKILL, the recovery, the stops, and the proof from the journal."""

import time
from typing import Final

from hfl.demo.follow import LOOK_S, Follower
from hfl.demo.show import Step
from hfl.demo.stage import KILLED_SUBMIT, DemoError
from hfl.demo.tale import Tale, answer_to, nth_attempt
from hfl.words import plain
from hfl_core.domain import events as ev
from hfl_core.ports import JournalRow
from hfl_core.venue.link import venue_counts

START_S: Final = 60.0
STEP_S: Final = 45.0
# About twelve bars of one hour a second: slow enough to pause in between.
LIVE_SPEED: Final = "43200"
# The daemon waits for the confirmation for longer than this, and the venue holds it back longer
# still, see stage.py.
TAKEN_S: Final = 20.0
SHORT_ID: Final = 14


def killing(tale: Tale) -> None:
    """Kill the daemon while one order is out and nobody knows what became of it."""
    tale.show.act("2  SIGKILL between intent and acknowledgement")
    sent = tale.row_of(nth_attempt(tale.follower, KILLED_SUBMIT), "the order's sending")
    assert isinstance(sent.event, ev.SendAttempted)
    tale.lost_id = client_id = sent.event.client_id
    _wait_until_taken(tale)
    code = tale.stage.sigkill()
    tale.follower.look()
    intent = tale.intent(client_id)
    if answer_to(tale.follower, client_id) is not None or code != -9:
        raise DemoError(
            f"expected the kill before the answer to {client_id}, found it answered (exit {code})"
        )
    intended = tale.row_of(
        tale.follower.first(ev.OrderIntended, lambda e: e.client_id == client_id), "its intent"
    )
    counts = venue_counts(tale.stage.venue_socket)
    order = f"{intent.side.value} {plain(intent.quantity)} {intent.symbol}"
    tale.show.tell(
        Step(
            title="SIGKILL",
            what=f"while `{order}` was on its way: intent in row {intended.seq}, sending in row "
            f"{sent.seq}, no answer",
            why=f"order {client_id}; the process ended with {code}. The venue, a process of its "
            f"own, counts {counts.submits.get(client_id, 0)} submit of it and "
            f"{counts.accepted.get(client_id, 0)} accepted: it has what the bot does not know of.",
            short=f"{order}: sent, not answered",
            rows=f"{intended.seq}, {sent.seq}",
            style="red",
        )
    )


def _wait_until_taken(tale: Tale) -> None:
    """Look at the venue's own counts until it has the order; its confirmation is still to come."""
    ends_s = time.monotonic() + TAKEN_S
    while tale.lost_id not in venue_counts(tale.stage.venue_socket).accepted:
        if time.monotonic() > ends_s:
            raise DemoError(f"expected the venue to take {tale.lost_id}, found it without it")
        time.sleep(LOOK_S)


def recovering(tale: Tale, *, speed: str = LIVE_SPEED) -> None:
    """Start again and watch the unknown order being resolved by evidence."""
    tale.show.act("3  Recovery: ask, never send again")
    last = tale.follower.last_seq()
    client_id = tale.lost_id
    tale.stage.start_daemon(speed)
    with tale.show.console.status("`hfl run` again, on the same home"):
        resolved = tale.follower.wait(
            lambda: _evidence(tale.follower, client_id, after=last),
            f"the fate of {client_id}",
            seconds=START_S,
        )
        tale.follower.wait(
            lambda: tale.follower.first(
                ev.Transitioned, lambda e: e.target == "idle", after=resolved.seq
            ),
            "the machine back in idle",
            seconds=STEP_S,
        )
    started = tale.row_of(tale.follower.first(ev.RunStarted, after=last), "a second run")
    unknown = tale.follower.first(ev.OrderUnknown, lambda e: e.client_id == client_id, after=last)
    tale.show.tell(
        Step(
            title="recovery",
            what=f"the order's fate is known again, by evidence: {_evidence_text(resolved)}",
            why="Every start is a recovery: chain verified, rows folded, venue asked. Until then "
            "the order was unknown: counted as filled for risk, asked for by its id, never sent "
            "again.",
            short=f"unknown order: {_evidence_text(resolved)}",
            rows=f"{started.seq}" + (f", {unknown.seq}" if unknown else "") + f", {resolved.seq}",
            style="green",
        )
    )
    _tell_counts(tale)


def stopping(tale: Tale) -> None:
    """Pause, resume and kill, typed as a person would; unless somebody did it on the screen."""
    tale.show.act("4  Stop means stop")
    started = [row.seq for row, _ in tale.follower.events(ev.RunStarted)]
    is_over = tale.follower.first(ev.RunEnded, after=started[-1]) is not None
    if is_over or not tale.stage.is_running():
        tale.stage.wait_for_end()
        _tell_stopped(tale)
        return
    _tell_pause(tale)
    _tell_resume(tale)
    _tell_kill(tale)


def proving(tale: Tale) -> None:
    """Verify the journal and decide everything again."""
    tale.show.act("5  The proof")
    verified = tale.stage.verb("journal", "verify", "--json")
    report = verified.as_json()
    if verified.code or not report["clean"]:
        raise DemoError(f"expected a clean journal, found {verified.text[:300]}")
    last_hash = str(report["last_hash"])
    tale.show.tell(
        Step(
            title="verify",
            what=f"{report['rows']} rows and {report['blobs']} blobs: the chain of hashes holds, "
            "clean",
            why=f"last hash {last_hash[:16]}...; {report['head_says']}",
            short=f"{report['rows']} rows, {report['blobs']} blobs, clean",
            rows=f"1-{report['last_row']}",
            style="green",
        )
    )
    replay = tale.stage.verb("replay", "--verify", "--json")
    again = replay.as_json()
    if replay.code or again["mismatches"] or again["not_comparable"]:
        raise DemoError(f"expected a replay without mismatches, found {replay.text[:300]}")
    tale.show.tell(
        Step(
            title="replay",
            what=f"{again['pairs']} (instrument, scan) pairs decided again, {again['mismatches']} "
            "mismatches",
            why=f"{again['events_compared']} events compared byte by byte, across the SIGKILL and "
            "both runs.",
            short=f"{again['pairs']} pairs decided again, {again['mismatches']} mismatches",
            rows=f"1-{report['last_row']}",
            style="green",
        )
    )


def _evidence(follower: Follower, client_id: str, *, after: int) -> JournalRow | None:
    """Return what settled an unknown order: the venue's answer about it, or its first fill."""
    for row in follower.rows:
        event = row.event
        if row.seq <= after:
            continue
        if isinstance(event, ev.OrderResolved) and event.client_id == client_id:
            return row
        if isinstance(event, ev.Filled) and event.fill.client_id == client_id:
            return row
    return None


def _evidence_text(row: JournalRow) -> str:
    event = row.event
    if isinstance(event, ev.Filled):
        fill = event.fill
        return f"filled, {plain(fill.quantity)} {fill.symbol} at {plain(fill.price)}"
    assert isinstance(event, ev.OrderResolved)
    return f"{event.status.value}, {event.evidence}"


def _tell_counts(tale: Tale) -> None:
    counts = venue_counts(tale.stage.venue_socket)
    submits, orders = counts.submits.get(tale.lost_id, 0), counts.accepted.get(tale.lost_id, 0)
    most = max(counts.submits.values())
    if (submits, orders, most) != (1, 1, 1):
        raise DemoError(
            f"expected one submit and one order of {tale.lost_id} at the venue, found {submits} "
            f"and {orders}, and {most} submits of one id: report this as a bug"
        )
    tale.show.tell(
        Step(
            title="counts",
            what=f"the venue's own: {submits} submit and {orders} order of "
            f"{tale.lost_id[:SHORT_ID]}..., no duplicate",
            why=f"{len(counts.submits)} ids were ever submitted, none of them twice.",
            short=f"{submits} submit, {orders} order: no duplicate",
            rows="venue",
            style="green",
        )
    )


def _tell_stopped(tale: Tale) -> None:
    row = tale.follower.first(ev.StopLatched, lambda e: e.level == "kill")
    told = "it was killed from the screen" if row is not None else "its market has ended"
    tale.show.tell(
        Step(
            title="stopped",
            what=f"the bot does not run any more: {told}",
            why="Positions and their protective stops stay at the venue; a next start would be "
            "halted until `hfl resume`.",
            short=told,
            rows=str(row.seq) if row is not None else "",
            style="red",
        )
    )


def _tell_pause(tale: Tale) -> None:
    last = tale.follower.last_seq()
    answer = tale.stage.verb("pause", "--reason", "the demo wants a break")
    if answer.code:
        raise DemoError(f"expected `hfl pause` to be done, found exit {answer.code}: {answer.text}")
    row = tale.follower.wait(
        lambda: tale.follower.first(ev.StopLatched, lambda e: e.level == "reduce_only", after=last),
        "the pause in the journal",
        seconds=STEP_S,
    )
    tale.show.tell(
        Step(
            title="pause",
            what="`hfl pause`: no new exposure; exits and stops go on",
            why=f"Done after {answer.seconds * 1000:.0f} ms, start of the command included. The "
            "latch is a file first: it would hold without a daemon, too.",
            short="no new exposure, exits go on",
            rows=str(row.seq),
            style="yellow",
        )
    )


def _tell_resume(tale: Tale) -> None:
    last = tale.follower.last_seq()
    answer = tale.stage.verb("resume", "--type", "RESUME", "--reason", "the demo has had its break")
    if answer.code:
        raise DemoError(
            f"expected `hfl resume` to be done, found exit {answer.code}: {answer.text}"
        )
    row = tale.follower.wait(
        lambda: tale.follower.first(ev.Resumed, after=last), "the resume", seconds=STEP_S
    )
    assert isinstance(row.event, ev.Resumed)
    tale.show.tell(
        Step(
            title="resume",
            what=f"lifted by {row.event.actor}: {row.event.reason}",
            why=f"Only a human resumes, and exactly the stops that were shown "
            f"({', '.join(row.event.latch_ids)}).",
            short=f"typed: {row.event.reason}",
            rows=str(row.seq),
            style="green",
        )
    )


def _tell_kill(tale: Tale) -> None:
    last = tale.follower.last_seq()
    answer = tale.stage.verb("kill", "--reason", "the demo is over")
    if answer.code:
        raise DemoError(f"expected `hfl kill` to be done, found exit {answer.code}: {answer.text}")
    tale.stage.wait_for_end()
    tale.follower.look()
    row = tale.row_of(
        tale.follower.first(ev.StopLatched, lambda e: e.level == "kill", after=last), "the kill"
    )
    ended = tale.row_of(tale.follower.first(ev.RunEnded, after=last), "the end of the run")
    tale.show.tell(
        Step(
            title="kill",
            what=f"`hfl kill`: latched, entries cancelled, process gone, in {answer.seconds:.1f} s",
            why="Positions and their protective stops stay at the venue; the next start is halted.",
            short=f"latched and gone in {answer.seconds:.1f} s",
            rows=f"{row.seq}, {ended.seq}",
            style="red",
        )
    )
