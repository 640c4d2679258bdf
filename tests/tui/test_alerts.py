"""An alert stays until it is acknowledged, by anybody; the bell rings once for each halt."""

import dataclasses

from hfl_tui.alerts import Alerts
from hfl_tui.lines import text_of
from hfl_tui.link.mood import mood
from hfl_tui.link.picture import Happening
from tests.tui.pictures import NOW, SECOND, picture, stop

HOUR = 3_600 * SECOND


def alert(seq, *, ago_h=0, is_alert=True):
    return Happening(
        seq=seq, time_ns=NOW - ago_h * HOUR, wall_ns=NOW - ago_h * HOUR, label="UNKNOWN",
        text="no answer", is_alert=is_alert,
    )  # fmt: skip


def seqs(alerts, shown):
    return [one.seq for one in alerts.news(shown, NOW).alerts]


def test_what_happened_in_the_night_is_news_in_the_morning_until_it_is_acknowledged():
    found = (alert(3, ago_h=30), alert(5, ago_h=8), alert(6, is_alert=False), alert(7, ago_h=7))
    shown = picture(seq=9, happenings=found)
    alerts = Alerts()

    assert seqs(alerts, shown) == [5, 7]
    assert text_of(alerts.news(shown, NOW).told).startswith("alerts 2 new ")
    assert alerts.acknowledge(shown) == 9
    assert text_of(alerts.news(shown, NOW).told) == "alerts none"
    later = dataclasses.replace(shown, seq=11, happenings=(*found, alert(10)))
    assert seqs(alerts, later) == [10]


def test_what_another_viewer_acknowledged_is_not_news_and_older_ones_stay_so():
    found = (alert(3, ago_h=30), alert(5), alert(7))

    assert seqs(Alerts(), picture(seq=9, happenings=found, seen_seq=5)) == [7]
    assert seqs(Alerts(), picture(seq=9, happenings=found, seen_seq=0)) == [3, 5, 7]


def test_alerts_beyond_what_the_picture_holds_are_admitted():
    shown = picture(seq=900, happenings=(alert(500), alert(501)), seen_seq=20)

    assert text_of(Alerts().news(shown, NOW).told).startswith("alerts 2+ new")


def test_another_journal_in_the_same_place_begins_anew():
    shown = picture(seq=9, happenings=(alert(5),), seen_seq=4_000)

    assert seqs(Alerts(), shown) == [5]


def rung(shown, *stories):
    """Return after which of the pictures the bell rang."""
    alerts = Alerts()
    return [alerts.rings(one, mood(one, NOW)) for one in (shown, *stories)]


def test_the_bell_rings_once_for_each_halt_and_again_for_another_one():
    calm = picture()
    loss = picture(stops=(stop("l1", limit="daily_loss"),))
    both = picture(stops=(*loss.stops, stop("k1", level="kill")))

    assert rung(calm, loss, loss, both, both) == [False, True, False, True, False]
    assert rung(calm, loss, calm, loss) == [False, True, False, True]


def test_what_was_halted_before_the_viewer_came_is_shown_and_not_rung_for():
    assert rung(picture(stops=(stop("l1", limit="daily_loss"),))) == [False]


def test_a_pause_and_a_start_ring_nothing():
    calm = picture()

    assert rung(calm, picture(stops=(stop("p"),))) == [False, False]
    assert rung(calm, picture(state="halted", halt_reason="recovering")) == [False, False]
    assert rung(calm, picture(state="halted", halt_reason="journal")) == [False, True]
