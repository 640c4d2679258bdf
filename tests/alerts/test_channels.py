"""Channels: found by their file's name; the log takes any text, and stays small."""

import json

import pytest

from hfl_core.alerts import log
from hfl_core.alerts._template import Channel as Template
from hfl_core.alerts.loader import channel_names, load_channel
from hfl_core.alerts.settings import ChannelSettings
from hfl_core.domain.effects import RaiseAlert
from hfl_core.domain.errors import ConfigError
from hfl_core.runtime.clock import VirtualClock

ODD = ("", "plain", "two\nlines\r\x00\x1b[2J", "\ud800 lone", "x" * 100_000, "ä € 😀")


@pytest.fixture
def settings(tmp_path):
    clock = VirtualClock(1_700_000_000_123_456_789)
    logs = str(tmp_path / "logs")
    return ChannelSettings(logs=logs, source="paper-main", run_id="r1", clock=clock)


def lines(path):
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_the_names_are_those_of_the_files():
    assert "log" in channel_names()
    assert not {"hub", "loader", "settings", "coalescing", "_template"} & set(channel_names())


@pytest.mark.parametrize("name", ["pigeon", "hub", "_template", "", "../log"])
def test_a_name_that_does_not_exist_is_refused_in_one_sentence(name, settings):
    with pytest.raises(ConfigError, match=r"expected an alert channel among .*log.*found"):
        load_channel(name, settings)


@pytest.mark.parametrize("name", channel_names())
@pytest.mark.parametrize("text", ODD)
def test_every_channel_takes_any_text(name, text, settings):
    load_channel(name, settings).send(RaiseAlert(level="warning", text=text))


def test_a_line_says_when_what_and_who(settings, tmp_path):
    load_channel("log", settings).send(RaiseAlert(level="critical", text="a\nb"))

    assert lines(tmp_path / "logs" / "alerts.jsonl") == [
        {
            "at": "2023-11-14T22:13:20.123Z",
            "level": "critical",
            "source": "paper-main",
            "run": "r1",
            "text": "a\nb",
        }
    ]


def test_the_log_is_the_owners_alone_and_is_continued(settings, tmp_path):
    for text in ("one", "two"):
        load_channel("log", settings).send(RaiseAlert(level="info", text=text))
    path = tmp_path / "logs" / "alerts.jsonl"

    assert [line["text"] for line in lines(path)] == ["one", "two"]
    assert path.stat().st_mode & 0o077 == 0


def test_full_files_move_on_and_the_oldest_goes(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(log, "FILE_BYTES_MAX", 300)
    channel = load_channel("log", settings)
    for number in range(60):
        channel.send(RaiseAlert(level="info", text=f"alert {number}"))
    files = sorted((tmp_path / "logs").iterdir())

    assert len(files) == 1 + log.FILES_KEPT
    assert all(path.stat().st_size <= 300 for path in files)
    assert lines(tmp_path / "logs" / "alerts.jsonl")[-1]["text"] == "alert 59"


def test_a_place_that_cannot_be_written_is_an_os_error(settings, tmp_path):
    (tmp_path / "logs").write_text("a file where a folder should be")

    with pytest.raises(OSError, match="logs"):
        load_channel("log", settings).send(RaiseAlert(level="info", text="x"))


def test_the_template_says_that_it_must_be_written(settings):
    with pytest.raises(NotImplementedError, match="paper-main"):
        Template(settings).send(RaiseAlert(level="info", text="x"))
