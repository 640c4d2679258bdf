"""The command line `hfl`: one verb, one module, imported only when typed.

Standard library only, and `kill` and `pause` are handed over before anything else is imported.

Exit codes, the same for every verb but `kill` and `pause` (see their --help):
  0 done            1 unforeseen failure         2 wrong arguments or configuration
  3 data            4 journal                    5 broker or venue
  6 control: no daemon, or a command refused     7 not found
  8 a verification or replay found a difference  130 interrupted
"""

import gc
import os
import sys
from collections.abc import Sequence

QUICK = ("kill", "pause")
# Verbs that print one answer and end: a process of theirs is not worth tidying up.
ANSWERING = frozenset(
    {"status", "risk", "risk-check", "positions", "orders", "trades", "equity", "why", "explain"}
)
# New objects between two looks for cycles: an answer hardly makes as many, an endless --watch does.
GC_OBJECTS = 200_000

# verb -> (module in hfl.commands, what it does); the order is that of --help.
VERBS = {
    "demo": ("demo", "watch the whole bot work in under a minute, offline"),
    "init": ("init", "create the folders and the first settings of an installation"),
    "run": ("run", "run the daemon in the foreground"),
    "status": ("status", "what the bot is doing, from board and journal"),
    "tui": ("tui", "the screen: watch, ask why, stop; leaving it leaves the bot running"),
    "pause": ("", "refuse new exposure; exits go on"),
    "resume": ("resume", "lift stops, typed by a human"),
    "close-all": ("close_all", "close every position, then pause"),
    "kill": ("", "stop the engine now; positions and their stops stay"),
    "panic": ("panic", "no daemon needed: latch, cancel, flatten"),
    "risk": ("risk", "every limit: used, left, distance to each halt; report, self-test"),
    "risk-check": ("risk_check", "the daemon's risk snapshot, or the journal's"),
    "positions": ("listing", "open positions"),
    "orders": ("listing", "orders, newest first"),
    "trades": ("listing", "closed and open trades"),
    "equity": ("listing", "equity over time"),
    "why": ("why", "why an instrument was or was not traded at a time"),
    "explain": ("explain", "the whole story of an order or trade"),
    "replay": ("replay", "decide every recorded input again and compare"),
    "whatif": ("whatif", "replay with a changed setting"),
    "journal": ("journal", "verify, stats, export, backup, restore, rekey"),
    "config": ("config", "check, diff, apply"),
    "cash": ("cash", "deposit or withdraw on paper"),
    "new-strategy": ("new_strategy", "write a strategy of your own, with a test"),
    "data": ("data", "check files of bars: gaps, duplicates, wrong prices, splits, time zones"),
    "doctor": ("doctor", "what is where, and what is wrong"),
}


def entry() -> None:
    """Be the process of the installed command `hfl`: run one verb and exit with its code.

    What only answers spares itself most looks for cycles and the teardown of a hundred modules: a
    fifth of its CPU.
    """
    if len(sys.argv) < 2 or sys.argv[1] not in ANSWERING:
        sys.exit(main())
    gc.set_threshold(GC_OBJECTS)
    code = main()
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        pass  # whoever read has read enough
    except OSError as error:
        sys.stderr.write(
            f"hfl: expected to write the answer, found: {error.strerror}; make room for it\n"
        )
        code = 1
    os._exit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb and return the exit code; every foreseen failure is one sentence on stderr."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words and words[0] in QUICK:
        from hfl import quick

        return quick.main(words)
    if not words or words[0] in {"-h", "--help", "help"}:
        sys.stdout.write(help_text())
        return 0 if words else 2
    if words[0] in {"-V", "--version", "version"}:
        from importlib.metadata import version

        sys.stdout.write(f"hfl {version('hedgefund-lite')}\n")
        return 0
    if words[0] not in VERBS:
        from difflib import get_close_matches

        near = get_close_matches(words[0], VERBS, 1)
        hint = f"did you mean `hfl {near[0]}`?" if near else "see `hfl --help`"
        sys.stderr.write(f"hfl: expected a verb, found {words[0]!r}: {hint}\n")
        return 2
    from hfl.verb import run_verb

    return run_verb(words[0], VERBS[words[0]][0], words[1:])


def help_text() -> str:
    """Return what `hfl --help` prints."""
    lines = ["Usage: hfl VERB [OPTIONS]      hfl VERB --help tells more", ""]
    lines.extend(f"  {verb:<14}{what}" for verb, (_, what) in VERBS.items())
    lines.extend(
        [
            "",
            "Everything lives under HFL_HOME (or --home DIR), else the XDG folders: `hfl doctor`.",
            "Exit codes: 0 done, 1 unforeseen, 2 arguments or configuration, 3 data, 4 journal,",
            "5 venue, 6 control, 7 not found, 8 difference found, 130 interrupted.",
            "",
        ]
    )
    return "\n".join(lines)
