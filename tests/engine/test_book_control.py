"""The book: runs, scans, limits, stops and commands, each as the events tell them."""

from hfl_core.domain import events as ev
from hfl_core.engine.book import REQUESTS_KEPT, Book
from hfl_core.engine.book_records import LatchRecord
from hfl_core.engine.pace import BreakerRecord
from tests.engine.kit import D, command, run_started
from tests.engine.test_book import T, told

LATER = 7 * T
EMPTY_TEXTS = (
    "run_id",
    "mode",
    "account",
    "currency",
    "config_blob",
    "halt_reason",
    "dataset_id",
    "digest",
    "limits_hash",
)
ZEROS = (
    "runs",
    "opened_cash",
    "cash",
    "cash_moved",
    "realised",
    "fees",
    "trips",
    "decisions",
    "numbers",
    "trades",
    "fills",
    "fill_cursor",
    "cursor",
    "scans",
    "slot_ns",
    "equity",
    "high_water_mark",
    "rejected_rows",
)
EMPTY = (
    "hashes",
    "positions",
    "orders",
    "live",
    "ended",
    "latches",
    "halted_symbols",
    "foreign",
    "requests",
    "cash_asked",
    "counts",
    "anchors",
    "rejected",
    "limits",
    "limits_waiting",
)


def bars_rejected(count: int, last_row: int, *reasons: str, symbol: str = "AAA") -> ev.BarsRejected:
    return ev.BarsRejected(
        symbol=symbol,
        reasons=reasons,
        first_row=last_row - count + 1,
        last_row=last_row,
        count=count,
        first_time_ns=1,
        last_time_ns=2,
        sample="",
    )


def bar_closed(cursor: int) -> ev.BarClosed:
    return ev.BarClosed(
        symbol="AAA",
        source="live",
        open_ns=1,
        close_ns=2,
        open=D(1),
        high=D(1),
        low=D(1),
        close=D(1),
        volume="1",
        flags=(),
        cursor=cursor,
    )


def moved(target: str, reason: str = "") -> ev.Transitioned:
    return ev.Transitioned(trigger="t", source="idle", target=target, reason=reason)


def limit_tripped(latch_id: str = "daily-1") -> ev.LimitTripped:
    return ev.LimitTripped(
        limit="daily_loss",
        value=D("0.0250"),
        threshold=D("0.02"),
        period_end_ns=99,
        latch_id=latch_id,
    )


def stopped(latch_id: str, level: str = "reduce_only") -> ev.StopLatched:
    return ev.StopLatched(level=level, latch_id=latch_id, reason="lunch", actor="human")


# --- runs and scans -------------------------------------------------------------------------------


def test_a_book_that_was_told_nothing_holds_nothing():
    book = Book()

    assert {getattr(book, name) for name in EMPTY_TEXTS} == {""}
    assert {getattr(book, name) for name in ZEROS} == {0}
    assert not any(len(getattr(book, name)) for name in EMPTY)
    assert (book.state, book.operator_policy, book.is_open) == ("idle", "none", False)
    assert (book.level, book.is_closing_all, list(book.symbols())) == ("", False, [])
    told_of = {*EMPTY_TEXTS, *ZEROS, *EMPTY, "state", "operator_policy", "is_open", "pace"}
    assert told_of == {*Book.__slots__}


def test_the_last_run_is_known_and_all_are_counted():
    book = told(run_started("r1"), run_started("r2"))

    assert (book.run_id, book.runs, book.mode) == ("r2", 2, "backtest")
    assert (book.account, book.currency, book.config_blob) == ("acc", "USD", "")
    assert (book.hashes, book.operator_policy) == ((("code", "00"),), "none")


def test_an_account_opens_with_its_cash_as_equity_and_mark():
    book = told()

    assert book.is_open
    found = (book.opened_cash, book.cash, book.equity, book.high_water_mark)
    assert found == (D(10_000),) * 4


def test_a_source_says_where_it_goes_on():
    book = Book()
    dataset = ev.DatasetOpened(
        dataset_id="d1",
        source="csv",
        spec="{}",
        content_hash="00",
        rows=9,
        symbols=("AAA",),
        first_ns=1,
        last_ns=2,
        cursor=4,
    )
    book.apply(dataset, T)
    first = (book.dataset_id, book.cursor)
    stream = ev.StreamOpened(
        stream_id="s1", source="live", spec="{}", symbols=("AAA",), timeframe_ns=60, cursor=2
    )
    book.apply(stream, T)

    assert first == ("d1", 4)
    assert (book.dataset_id, book.cursor) == ("s1", 2)


def test_a_bar_moves_the_cursor_only_forward():
    book, seen = told(), []
    for cursor in (3, 7, 5):
        book.apply(bar_closed(cursor), T)
        seen.append(book.cursor)

    assert seen == [3, 7, 7]


def test_scans_move_every_mark_of_the_row():
    row = ev.ScansCoalesced(
        dataset_id="d2",
        cursor_from=3,
        cursor_to=5,
        slot_first_ns=30,
        slot_last_ns=50,
        scans=2,
        counts=(("NO_SETUP", 2),),
        digest="ab",
        equity=D(9),
        high_water_mark=D(11),
        anchors=(("day", D(1)),),
    )
    book = told(row, row)

    assert (book.dataset_id, book.cursor, book.scans, book.slot_ns) == ("d2", 5, 4, 50)
    assert (book.counts, book.digest) == ({"NO_SETUP": 4}, "ab")
    marks = (book.equity, book.high_water_mark, book.anchors)
    assert marks == (D(9), D(11), (("day", D(1)),))


def test_refused_rows_are_counted_by_instrument_and_reasons():
    book = told(
        bars_rejected(3, 5, "duplicate"),
        bars_rejected(1, 8, "duplicate"),
        bars_rejected(2, 7, "nan", "disorder"),
        bars_rejected(4, 4, "nan", symbol="BBB"),
    )

    assert book.rejected == {"AAA duplicate": 4, "AAA nan + disorder": 2, "BBB nan": 4}
    assert (book.rejected_rows, book.cursor) == (10, 9)


def test_a_halt_keeps_its_reason_until_it_is_over():
    book, seen = told(), []
    for event in (moved("halted", "stop"), moved("halted", "limit"), moved("idle", "resumed")):
        book.apply(event, T)
        seen.append((book.state, book.halt_reason))

    assert seen == [("halted", "stop"), ("halted", "limit"), ("idle", "")]


# --- limits and stops -----------------------------------------------------------------------------


def test_a_limit_that_tripped_is_a_stop_that_says_which_and_by_how_much():
    book = told()
    book.apply(limit_tripped(), LATER)

    assert book.latches["daily-1"] == LatchRecord(
        latch_id="daily-1",
        level="reduce_only",
        reason="daily_loss: 0.025 beyond 0.02",
        actor="engine",
        since_ns=LATER,
        limit="daily_loss",
        period_end_ns=99,
    )
    assert (book.trips, book.level) == (1, "reduce_only")


def test_every_trip_counts_also_after_it_was_lifted():
    book = told(limit_tripped("a"), ev.Resumed(latch_ids=("a",), actor="human", reason=""))
    book.apply(limit_tripped("b"), T)

    assert (book.trips, list(book.latches)) == (2, ["b"])


def test_a_stop_is_kept_as_it_was_given():
    book = told()
    book.apply(stopped("p1"), LATER)
    book.apply(ev.LatchFound(level="kill", latch_id="k1", text="a file"), LATER)

    assert book.latches == {
        "p1": LatchRecord(
            latch_id="p1", level="reduce_only", reason="lunch", actor="human", since_ns=LATER
        ),
        "k1": LatchRecord(
            latch_id="k1", level="kill", reason="a file", actor="latch file", since_ns=LATER
        ),
    }


def test_resuming_lifts_exactly_what_it_names():
    book = told(stopped("a"), stopped("b"), stopped("c", "kill"))
    book.apply(ev.Resumed(latch_ids=("a", "never", "c"), actor="human", reason=""), T)

    assert (list(book.latches), book.level) == (["b"], "reduce_only")


def test_a_limit_that_came_into_force_no_longer_waits():
    book = told(
        ev.LimitsScheduled(waiting=(("a", "1", "2", 50), ("b", "3", "4", 60)), reason="raised")
    )
    waiting = dict(book.limits_waiting)
    changes = (("a", "1", "2"), ("c", "", "5"))
    book.apply(ev.LimitsChanged(changes=changes, reason="due", limits_hash="h2"), T)

    assert waiting == {"a": ("2", 50), "b": ("4", 60)}
    assert book.limits_waiting == {"b": ("4", 60)}
    assert (book.limits, book.limits_hash) == ({"a": "2", "c": "5"}, "h2")


def test_a_new_schedule_replaces_the_old_one():
    book = told(
        ev.LimitsScheduled(waiting=(("a", "1", "2", 50),), reason="raised"),
        ev.LimitsScheduled(waiting=(("b", "3", "4", 60),), reason="raised"),
    )

    assert book.limits_waiting == {"b": ("4", 60)}


def test_a_breaker_is_tripped_from_its_event_until_it_is_rearmed():
    book = told()
    tripped = ev.BreakerTripped(
        breaker="price",
        symbol="AAA",
        action="reduce_only",
        value="0.2",
        limit="0.1",
        reason="fell",
        until_ns=99,
    )
    book.apply(tripped, LATER)
    book.apply(ev.BreakerRearmed(breaker="price", symbol="BBB", reason="calm"), T)
    during = dict(book.pace.breakers)
    book.apply(ev.BreakerRearmed(breaker="price", symbol="AAA", reason="calm"), T)

    record = BreakerRecord(
        breaker="price",
        symbol="AAA",
        reason="fell",
        since_ns=LATER,
        until_ns=99,
        action="reduce_only",
    )
    assert during == {("price", "AAA"): record}
    assert book.pace.breakers == {}


# --- commands -------------------------------------------------------------------------------------


def test_a_typed_close_all_is_in_force_as_long_as_its_stop():
    book = told(command("close_all", "c1"), command("pause", "p1"))
    seen = [book.is_closing_all]
    for event in (
        stopped("p1"),
        stopped("c1"),
        ev.Resumed(latch_ids=("c1",), actor="human", reason=""),
    ):
        book.apply(event, T)
        seen.append(book.is_closing_all)

    assert seen == [False, False, True, False]


def test_cash_that_was_asked_for_waits_for_its_answer():
    book = told(
        command("deposit", "c1", amount="500"),
        command("withdraw", "c2", amount="20"),
        command("withdraw", "c3", amount="30"),
        command("pause", "p1", amount="40"),
        command("deposit", "c4"),
    )
    asked = dict(book.cash_asked)
    for request_id in ("c3", "never"):
        book.apply(ev.CommandRefused(request_id=request_id, verb="withdraw", why="no"), T)

    assert asked == {"c1": "500", "c2": "-20", "c3": "-30", "c4": ""}
    assert list(book.cash_asked) == ["c1", "c2", "c4"]


def test_a_request_whose_stop_is_in_force_is_not_forgotten():
    """A close-all is known by its request: forgotten, it would end while its stop stands."""
    book = told(command("close_all", "c1"), stopped("c1"))
    for number in range(REQUESTS_KEPT + 2):
        book.apply(command("status", f"r{number}"), T)

    assert len(book.requests) == REQUESTS_KEPT
    assert book.is_closing_all
    assert [name for name in ("r0", "r2", "r3") if name in book.requests] == ["r3"]


def test_when_every_request_is_a_stop_in_force_all_are_kept():
    book = told()
    for number in range(REQUESTS_KEPT + 1):
        book.apply(stopped(f"s{number}"), T)
        book.apply(command("close_all", f"s{number}"), T)

    assert len(book.requests) == REQUESTS_KEPT + 1
