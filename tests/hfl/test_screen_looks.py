"""The screen's own settings: read, refused in a sentence, and changed without touching the rest."""

import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl.screen.looks import keep_theme, looks, with_theme
from hfl_core.domain.errors import ConfigError
from hfl_tui.skins import ANSI_DARK, LIGHT, MONO, NAMES

TOLD = """# mine
ascii = true   # the old terminal
theme = 'light'  # by day
[keys]
why = ["W", "w"]
find = "/"
"""


def read(tmp_path, text=None, **options):
    file = tmp_path / "screen.toml"
    if text is not None:
        file.write_text(text)
    return looks(file, tmp_path / "exports", environment={}, **options)


def test_without_a_file_everything_is_as_shipped(tmp_path):
    found = read(tmp_path)

    assert (found.theme, found.is_ascii, found.has_mouse) == (ANSI_DARK, False, True)
    assert (dict(found.keys), found.remarks) == ({}, ())


def test_the_file_is_taken_and_flags_go_before_it(tmp_path):
    found = read(tmp_path, TOLD)
    flagged = read(tmp_path, TOLD, theme=MONO, has_mouse=False)

    assert (found.theme, found.is_ascii, found.has_mouse) == (LIGHT, True, True)
    assert found.keys == {"why": ("W", "w"), "find": ("/",)}
    assert found.remarks == ()
    assert (flagged.theme, flagged.is_ascii, flagged.has_mouse) == (MONO, True, False)


@pytest.mark.parametrize(
    ("text", "named", "rest"),
    [
        ("theme = 'pink'\nascii = true", "'pink'", True),
        ("theme = 3\nascii = true", "theme", True),
        ("mouse = 'no'\nascii = true", "mouse", True),
        ("colour = 1\nascii = true", "colour", True),
        ("ascii = true\n[keys]\nwhy = 7", "keys.why", True),
        ("ascii = true\nkeys = 1", "keys", True),
        ("ascii = ", "screen.toml", False),
        ("\x00", "screen.toml", False),
        ("a" * 70_000, "65536", False),
    ],
)
def test_a_mistake_is_one_sentence_and_the_rest_is_taken(tmp_path, text, named, rest):
    found = read(tmp_path, text)

    assert len(found.remarks) == 1
    assert named in found.remarks[0]
    assert found.remarks[0].startswith("expected ")
    assert ", found " in found.remarks[0]
    assert found.is_ascii is rest
    assert found.theme == ANSI_DARK


def test_a_typed_theme_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"expected --theme as auto, dark.*found 'pink'"):
        read(tmp_path, theme="pink")


def test_a_theme_is_kept_and_nothing_else_changes(tmp_path):
    file = tmp_path / "screen.toml"
    file.write_text(TOLD)
    keep_theme(file, "dark")

    assert file.read_text() == TOLD.replace("'light'", '"dark"')
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["screen.toml"]
    assert read(tmp_path).theme == "dark"


def test_a_theme_is_put_in_front_where_none_was(tmp_path):
    assert with_theme("[keys]\nwhy = 'W'\n", "dark") == "theme = \"dark\"\n[keys]\nwhy = 'W'\n"
    keep_theme(tmp_path / "screen.toml", "dark")
    assert (tmp_path / "screen.toml").read_text() == 'theme = "dark"\n'


def test_a_linked_file_stays_a_link(tmp_path):
    real = tmp_path / "dotfiles.toml"
    real.write_text("ascii = true\n")
    (tmp_path / "screen.toml").symlink_to(real)
    keep_theme(tmp_path / "screen.toml", "dark")

    assert (tmp_path / "screen.toml").is_symlink()
    assert real.read_text() == 'theme = "dark"\nascii = true\n'


@pytest.mark.parametrize(
    "text", ['theme = """\nlight"""\n', "broken = ", '"theme" = "light"\n', "[theme]\na = 1\n"]
)
def test_a_file_that_cannot_be_changed_safely_is_left_alone(tmp_path, text):
    file = tmp_path / "screen.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match="expected to keep the theme"):
        keep_theme(file, "dark")

    assert file.read_text() == text


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path):
    with pytest.raises(ConfigError, match="it holds until you leave"):
        keep_theme(tmp_path / "none" / "screen.toml", "dark")


WORDS = st.sampled_from(["theme", "ascii", "mouse", "[keys]", "why", "=", " ", "\n", "#", "'x'",
                         '"""', "true", "[", "]", "theme = 'light'\n", '"dark"'])  # fmt: skip


@given(st.lists(WORDS, max_size=14).map("".join), st.sampled_from(NAMES))
def test_keeping_a_theme_changes_the_theme_or_nothing(text, name):
    import tomllib

    try:
        fresh = with_theme(text, name)
    except ValueError:
        return
    assert tomllib.loads(fresh) == {**tomllib.loads(text), "theme": name}
