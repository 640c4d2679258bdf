"""Bad input of every kind ends in one sentence and the documented code, and nothing is lost."""

import os
import shutil

import pytest

from hfl.verb import BROKER, CONTROL, DATA, DONE, JOURNAL, USAGE
from tests.hfl.bot import PACED, SHORT, WAIT_S, Bot

pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def traded():
    """Return a bot that has traded a short feed to its end and rests."""
    with Bot() as bot:
        said = bot.hfl("run", *SHORT)
        assert said.code == DONE, said
        bot.kill_venue()
        yield bot


@pytest.fixture
def bot(traded):
    """Return a copy of the traded home, to be damaged."""
    with Bot() as bot:
        shutil.copytree(traded.root, bot.root, ignore=shutil.ignore_patterns("*.sock", "venue"))
        # The venue's store goes along; the socket and the process do not.
        shutil.copytree(traded.root / "venue", bot.root / "venue")
        yield bot


def refused(bot, code, *words, run=SHORT):
    said = bot.hfl("run", *run, *words)

    assert said.code == code, said
    return said.sentence


def journal(bot):
    return bot.root / "journal" / "paper-main.sqlite"


# --- settings -------------------------------------------------------------------------------------

SETTINGS = {
    "wrong key": ("account.csh_start=5", "csh_start"),
    "wrong type": ("account.cash_start=lots", "the text"),
    "negative cash": ("account.cash_start=-5", "above 0"),
    "unknown profile": ("risk.profile=yolo", "yolo"),
    "profile without limits": ("risk.profile=unlimited", "paper"),
    "unknown strategy": ("strategy.name=nonesuch", "trend"),
    "unknown parameter": ("strategy.parameters={ fastt = 3 }", "fastt"),
    "unknown fault": ('venue.faults="boil@ocean"', "boil"),
    "unknown zone": ('risk.limits.period_zone="Mars/Base"', "Mars/Base"),
    "not an assignment": ("nonsense", "nonsense"),
    "another mode": ('mode="live"', "live"),
}


@pytest.mark.parametrize("case", SETTINGS)
def test_a_setting_that_cannot_be_used_is_named(bot, case):
    setting, named = SETTINGS[case]

    assert named in refused(bot, USAGE, "--set", setting)
    assert bot.verify() == ()


def test_a_broken_settings_file_is_named_with_its_line(bot):
    path = bot.root / "config" / "config.toml"
    path.write_text('mode = "paper"\n[risk\n')

    sentence = refused(bot, USAGE)

    assert str(path) in sentence
    assert "line 2" in sentence


def test_a_strategy_with_a_syntax_error_is_named_with_its_line(bot):
    (bot.root / "strategies" / "broken.py").write_text("x = 1\ndef y(:\n")

    sentence = refused(bot, USAGE, "--strategy", "broken")

    assert "broken.py" in sentence
    assert "line 2" in sentence


def test_a_relative_home_in_the_environment_is_refused(bot):
    said = bot.hfl("run", *SHORT, HFL_HOME="relative/home")

    assert said.code == USAGE
    assert "absolute" in said.sentence


def test_an_account_that_is_no_file_name_is_refused(bot):
    assert "a-z" in refused(bot, USAGE, "--account", "../x")


# --- data -----------------------------------------------------------------------------------------


def of_file(path, *words):
    return ("--path", str(path), "--until-end", "--no-api", *words)


def test_a_missing_file_is_named(bot):
    path = bot.folder / "crypto" / "BTC-USDT_1h.parquet"

    assert str(path) in refused(bot, DATA, run=of_file(path))


def test_a_file_that_is_not_parquet_is_named(bot):
    path = bot.folder / "BTC-USDT_1h.parquet"
    path.write_bytes(b"PAR1" + bytes(500))

    assert str(path) in refused(bot, DATA, run=of_file(path, "--class", "crypto"))


def test_a_cut_parquet_file_is_named(bot, shared_root):
    whole = (shared_root / "market" / "crypto" / "BTC-USDT_1h.parquet").read_bytes()
    path = bot.folder / "BTC-USDT_1h.parquet"
    path.write_bytes(whole[: len(whole) // 2])

    assert str(path) in refused(bot, DATA, run=of_file(path, "--class", "crypto"))


def test_a_file_without_a_class_asks_for_one_and_a_wrong_one_is_refused(bot):
    path = bot.folder / "BTC-USDT_1h.csv"
    path.write_text("ts,open,high,low,close,volume\n")

    assert "--class" in refused(bot, DATA, run=of_file(path, "--feed", "csv"))
    assert "candy" in refused(bot, USAGE, run=of_file(path, "--class", "candy"))


def test_another_beginning_of_a_consumed_file_is_refused_and_a_longer_file_goes_on():
    rows = [f"{1_600_000_000 + i * 3600},{100 + i % 7},{109 + i % 7},{95},{101 + i % 7},1000"
            for i in range(60)]  # fmt: skip
    head = "ts,open,high,low,close,volume"
    with Bot() as bot:
        path = bot.folder / "BTC-USDT_1h.csv"
        feed = ("--feed", "csv", *of_file(path, "--class", "crypto"))
        path.write_text("\n".join([head, *rows[:40]]) + "\n")
        assert bot.hfl("run", *feed).code == DONE
        assert bot.scans() == 40
        path.write_text("\n".join([head, *rows]) + "\n")
        assert bot.hfl("run", *feed).code == DONE
        assert bot.scans() == 60
        bot.assert_no_bar_twice()
        changed = [rows[0].replace(",100,", ",99,"), *rows[1:]]
        path.write_text("\n".join([head, *changed]) + "\n")

        sentence = refused(bot, DATA, run=feed)

        assert "expected the first 60 rows" in sentence
        assert bot.verify() == ()


# --- the journal ----------------------------------------------------------------------------------


def test_a_journal_of_another_account_is_refused(bot):
    for path in (bot.root / "journal").glob("paper-main.*"):
        path.rename(path.with_name(path.name.replace("main", "other")))

    sentence = refused(bot, JOURNAL, "--account", "other")

    assert "paper-main" in sentence
    assert "paper-other" in sentence


def test_a_journal_with_damage_in_the_middle_is_refused_and_not_touched(bot):
    content = bytearray(journal(bot).read_bytes())
    middle = len(content) // 2
    content[middle : middle + 4096] = bytes(range(256)) * 16
    journal(bot).write_bytes(content)

    sentence = refused(bot, JOURNAL)

    assert "hfl journal restore" in sentence
    assert journal(bot).read_bytes() == content


@pytest.mark.parametrize("size", [0, 100, 20_000])
def test_a_cut_journal_is_refused(bot, size):
    os.truncate(journal(bot), size)

    assert "hfl journal restore" in refused(bot, JOURNAL)


def test_a_deleted_journal_head_or_key_is_refused(bot):
    key = bot.root / "config" / "keys" / "paper-main.key"
    for path, remedy in (
        (key, "hfl journal rekey"),
        (bot.root / "journal" / "paper-main.head.json", "hfl journal restore"),
        (journal(bot), "hfl journal restore"),
    ):
        content = path.read_bytes()
        path.unlink()

        assert remedy in refused(bot, JOURNAL), path
        assert not path.exists(), path
        path.write_bytes(content)
        path.chmod(0o600)
    assert bot.verify() == ()


def test_a_key_that_others_may_read_is_refused(bot):
    key = bot.root / "config" / "keys" / "paper-main.key"
    key.chmod(0o644)

    assert "chmod 600" in refused(bot, JOURNAL)


def test_a_truncated_log_after_a_sigkill_is_told():
    """The head names a row that the cut log no longer holds: an alarm, not a smaller journal."""
    with Bot() as other:
        process = other.start_still()
        other.hold()
        other.until(lambda: not other.report().head.rows_ahead)
        process.kill()
        process.wait(WAIT_S)
        log = journal(other).with_name("paper-main.sqlite-wal")
        assert log.stat().st_size > 0
        os.truncate(log, log.stat().st_size // 2)

        sentence = refused(other, JOURNAL, run=PACED)

    assert "expected the journal to reach row" in sentence
    assert "hfl journal restore" in sentence


# --- places ---------------------------------------------------------------------------------------


def test_a_second_daemon_on_the_same_home_is_refused_and_the_first_goes_on():
    with Bot() as bot:
        process = bot.start()

        assert f"process {process.pid}" in refused(bot, JOURNAL)
        assert f"process {process.pid}" in refused(bot, JOURNAL, "--account", "other")
        scans = bot.scans()
        assert process.poll() is None
        bot.until(lambda: bot.scans() > scans)


@pytest.mark.parametrize("name", ["run", "journal", "venue", "config/keys"])
def test_a_file_in_the_place_of_a_folder_is_one_sentence(bot, name):
    place = bot.root / name
    place.rename(place.with_name("moved"))
    place.write_text("not a folder")

    said = bot.hfl("run", *SHORT)

    assert said.code in {USAGE, JOURNAL, CONTROL, BROKER}, said
    assert str(place) in said.sentence


def test_a_home_that_cannot_be_made_is_one_sentence(bot):
    said = bot.hfl("run", *SHORT, "--home", "/proc/nowhere")

    assert said.code == USAGE
    assert "/proc/nowhere" in said.sentence


def test_without_ready_or_without_the_latch_folder_nothing_is_traded(bot):
    (bot.root / "run" / "latch" / "ready").unlink()
    assert "hfl init" in refused(bot, CONTROL)
    shutil.rmtree(bot.root / "run" / "latch")
    assert "hfl init" in refused(bot, CONTROL)

    assert bot.hfl("init").code == DONE
    assert bot.hfl("run", *SHORT).code == DONE


@pytest.mark.timeout(900)
def test_a_full_disk_stops_the_bot_in_one_sentence_and_loses_nothing_that_was_committed(bot):
    """Files may not grow beyond a limit, as on a full disk; later the run goes on behind it."""
    limited = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({journal(bot).stat().st_size + 65536},) * 2);"
        "from hfl.cli import main; raise SystemExit(main())"
    )
    feed = ("--feed", "simulated", "--bars", "4000", "--speed", "max", "--until-end", "--no-api")
    with Bot() as other:
        other.hfl("init")
        said = other.hfl("run", *feed, program=limited)

        assert said.code == JOURNAL, said
        assert "free disk space" in said.sentence
        scans = other.scans()
        assert other.verify() == ()
        assert other.hfl("run", *feed).code == DONE
        assert other.scans() == 4000 > scans
        other.assert_no_bar_twice()
        assert other.verify() == ()
