"""The chart on a wide dashboard: the newest bars, and nothing read where there is no room."""

from tests.tui.cut import journal_rows
from tests.tui.kit import press, session, text, until

rows = journal_rows


def test_the_dashboard_charts_the_newest_bars_and_c_shows_the_next_instrument(made, rows):
    async def story(pilot, viewer):
        dash = viewer.screen
        await until(pilot, lambda: dash.chart.chart is not None)
        first = dash.chart.chart
        held = [one.symbol for one in viewer.picture.held]
        assert first.symbol == (held or [viewer.picture.decision.symbol])[0]
        newest = next(row.event for row in reversed(rows) if row.kind == "ScansCoalesced")
        assert first.candles[-1].close_ns == newest.slot_last_ns
        assert len(first.candles) == dash.chart.count
        assert f"─ {first.symbol}  " in text(viewer)
        seen = {first.symbol}
        for _ in range(len(first.symbols) - 1):
            before = dash.chart.chart.symbol
            await press(pilot, "c")
            await until(pilot, lambda one=before: dash.chart.chart.symbol != one)
            seen.add(dash.chart.chart.symbol)
        assert seen == set(first.symbols)

    session(made, story, size=(140, 40))


def test_a_narrow_dashboard_has_no_chart_and_reads_no_bars(made):
    async def story(pilot, viewer):
        await press(pilot, "c")
        assert viewer.screen.chart.chart is None
        assert not viewer.screen.chart.display

    session(made, story, size=(80, 24))
