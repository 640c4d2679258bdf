"""The log over a journal that is longer than what it keeps: every row once, in order, both ways."""

from hfl_journal.reader import JournalReader
from hfl_tui.link.happenings import happening
from tests.tui.kit import press, session, text, until


def told_seqs(made):
    """Return the rows of the journal that are worth a line."""
    with JournalReader.open(made.home.journal.journal) as reader:
        found, at = [], 0
        while page := reader.rows(at):
            found += [row.seq for row in page if happening(row, {}) is not None]
            at = page[-1].seq
    return found


def test_walking_down_the_log_shows_every_row_once_however_short_the_steps(made, monkeypatch):
    monkeypatch.setattr("hfl_tui.screens.log.STRETCH_ROWS", 100)
    wanted = told_seqs(made)[::-1]
    monkeypatch.setattr("hfl_tui.link.replica.HAPPENINGS_KEPT", 100)
    assert len(wanted) > 300

    async def story(pilot, viewer):
        await press(pilot, "6")
        log = viewer.screen

        def is_down():
            log.move(5)
            return log.window.is_whole and not log._is_reading

        await until(pilot, is_down)
        assert [int(row.key) for row in log.table.rows] == wanted

    session(made, story)


def test_the_log_keeps_a_bounded_stretch_and_slides_over_the_journal(made, monkeypatch):
    monkeypatch.setattr("hfl_tui.screens.log.STRETCH_ROWS", 100)
    monkeypatch.setattr("hfl_tui.screens.log.LINES_MAX", 200)
    monkeypatch.setattr("hfl_tui.link.replica.HAPPENINGS_KEPT", 100)
    wanted = told_seqs(made)[::-1]

    async def story(pilot, viewer):
        await press(pilot, "6")
        log = viewer.screen
        seen = []

        def walk(rows):
            def step():
                if not log._is_reading:
                    seen.append(int(log.table.selected))
                    log.move(rows)
                assert len(log.window.lines) <= 200
                return log.window.is_whole if rows > 0 else log.window.is_live

            return step

        await until(pilot, walk(1))
        log.move(1 << 30)
        assert int(log.table.selected) == 1
        assert not log.window.is_live
        assert seen == wanted[: len(seen)]
        seen.clear()
        await until(pilot, walk(-1))
        assert seen == wanted[::-1][: len(seen)]
        await press(pilot, "G")
        await until(pilot, lambda: log.table.selected == "1")
        await press(pilot, "g")
        assert int(log.table.selected) == wanted[0]
        assert log.window.is_live

    session(made, story)


def test_the_log_goes_back_to_the_first_row_and_follows_again(made):
    async def story(pilot, viewer):
        await press(pilot, "6")
        log = viewer.screen
        assert log.is_following
        await press(pilot, "G")
        assert not log.is_following

        def is_whole():
            log.move(1 << 30)
            return log.window.is_whole and log.window.is_live and not log._is_reading

        await until(pilot, is_whole)
        seqs = [int(row.key) for row in log.table.rows]
        assert seqs == told_seqs(made)[::-1]
        assert seqs[-1] == 1
        assert seqs[0] == viewer.picture.happenings[-1].seq
        await press(pilot, "f")
        assert log.is_following
        assert log.table.selected == str(seqs[0])

    session(made, story)


def test_a_filter_searches_the_past_as_far_as_its_bound_and_the_next_key_goes_on(made, monkeypatch):
    monkeypatch.setattr("hfl_tui.screens.log.STRETCH_ROWS", 50)
    monkeypatch.setattr("hfl_tui.screens.log.STRETCHES_MAX", 3)
    monkeypatch.setattr("hfl_tui.link.replica.HAPPENINGS_KEPT", 20)

    async def story(pilot, viewer):
        await press(pilot, "6")
        log = viewer.screen
        first = log.window.first
        log.set_filter("opened with")
        await until(pilot, lambda: not log._is_reading and log._stretches > 3)
        assert log.window.first == first - 200
        assert not log.table.rows

        def is_found():
            if not log._is_reading and not log.table.rows:
                log.move(1)
            return log.table.rows

        await until(pilot, is_found)
        assert len(log.table.rows) == 1
        assert "opened with 10000" in text(viewer)
        log.set_filter("")
        newest = [str(one.seq) for one in reversed(viewer.picture.happenings)]
        assert [row.key for row in log.table.rows][: len(newest)] == newest

    session(made, story)
