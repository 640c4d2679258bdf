"""What stands beside a run, in the real daemon: desks, alerts and the guard of the clocks."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hfl.daemon import Daemon, RunOptions
from hfl.home import Home, home_paths
from hfl_config.diff import load_effective
from hfl_core.domain import events as ev
from hfl_core.domain.errors import ConfigError
from hfl_core.runtime.clock import MachineClock
from hfl_journal.keys import load_key
from hfl_journal.reader import JournalReader
from hfl_journal.verify import verify_journal

pytestmark = pytest.mark.process
HOUR = 3_600 * 1_000_000_000
SIMULATED = ("feed.source=simulated", "feed.simulated.bars=300", "feed.speed=max")


class ShiftedClock(MachineClock):
    """The machine's clocks with a wall that stands wrong by shift_ns."""

    def __init__(self, shift_ns: int) -> None:
        self.shift_ns = shift_ns

    def wall_ns(self) -> int:
        return super().wall_ns() + self.shift_ns


def run(
    home: Path,
    *settings: str,
    shift_ns: int = 0,
    scans: int = 0,
    on_opened: Callable[[Daemon], None] = lambda daemon: None,
) -> Daemon:
    paths = home_paths(str(home))
    loaded, _ = load_effective(
        paths, now_ns=MachineClock().wall_ns(), settings=[*SIMULATED, *settings]
    )
    place = Home(paths=paths, mode=loaded.config.mode, account=loaded.config.account.name)
    options = RunOptions(speed=0.0, is_until_end=True, base=home, has_api=False, scans_max=scans)
    daemon = Daemon(place, loaded, options)
    daemon.clock = ShiftedClock(shift_ns)
    try:
        daemon.open()
        on_opened(daemon)
        daemon.run()
    finally:
        daemon.close()
    return daemon


def events(daemon: Daemon) -> list[ev.Event]:
    with JournalReader.open(daemon.home.journal.journal) as reader:
        return [row.event for row in reader.rows()]


def check(daemon: Daemon) -> None:
    place = daemon.home.journal
    report = verify_journal(place.journal, head_path=place.head, key=load_key(place.key))
    assert report.findings == ()


def test_the_investor_is_asked_and_what_it_read_is_in_the_journal(hfl_home):
    daemon = run(hfl_home, 'engine.desks=["investor"]')
    opinions = [event for event in events(daemon) if isinstance(event, ev.OpinionReceived)]

    assert opinions
    assert any(opinion.evidence for opinion in opinions)
    check(daemon)


def test_a_feed_without_headlines_is_answered_with_no_confidence(hfl_home, tmp_path):
    rows = ["ts,open,high,low,close,volume"]
    for number in range(200):
        moment = f"2024-01-{1 + number // 24:02d}T{number % 24:02d}:00:00Z"
        close = 100 + number * 0.5 + number % 7
        rows.append(f"{moment},{close},{close + 1},{close - 1},{close},1000")
    path = tmp_path / "AAA-USD_1h.csv"
    path.write_text("\n".join(rows) + "\n")
    daemon = run(
        hfl_home,
        'engine.desks=["investor"]',
        "feed.source=csv",
        "feed.asset_class=crypto",
        f"feed.paths={json.dumps([str(path)])}",
    )
    opinions = [event for event in events(daemon) if isinstance(event, ev.OpinionReceived)]

    assert opinions
    assert {(opinion.score, opinion.confidence) for opinion in opinions} == {("0.0", "0.0")}
    assert {opinion.rationale for opinion in opinions} == {"this feed brings no headlines"}


def test_a_desk_that_does_not_exist_yet_is_refused_in_one_sentence(hfl_home):
    with pytest.raises(ConfigError, match=r"those that exist \(investor\), found 'banker'"):
        run(hfl_home, 'engine.desks=["banker"]')


def test_a_wall_clock_set_back_between_two_runs_is_an_anomaly_and_the_chain_holds(hfl_home):
    run(hfl_home, shift_ns=HOUR, scans=50)
    daemon = run(hfl_home)
    found = [event for event in events(daemon) if isinstance(event, ev.ClockAnomaly)]

    assert [event.kind for event in found] == ["wall_step"]
    assert -HOUR - HOUR // 60 < found[0].wall_jump_ns <= -HOUR + HOUR // 60
    check(daemon)


def test_a_wall_clock_that_steps_while_running_is_journaled_and_alerted(hfl_home):
    def step_back(daemon: Daemon) -> None:
        tick = daemon.session.on_tick
        assert tick is not None

        def stepping() -> None:
            clock = daemon.clock
            assert isinstance(clock, ShiftedClock)
            if daemon.session.scans >= 64:
                clock.shift_ns = -HOUR
            tick()

        daemon.session.on_tick = stepping

    daemon = run(hfl_home, on_opened=step_back)
    found = [event for event in events(daemon) if isinstance(event, ev.ClockAnomaly)]
    log = (Path(daemon.home.paths.logs) / "alerts.jsonl").read_text().splitlines()

    assert [event.kind for event in found] == ["wall_step"]
    assert any("stepped by -3600.0 s" in json.loads(line)["text"] for line in log)
    check(daemon)
