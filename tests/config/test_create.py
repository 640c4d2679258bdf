"""A home is made once, private where it must be, and never changed by making it again."""

# The room under test speaks of paths as text.
# ruff: noqa: PTH101, PTH103, PTH106, PTH116, PTH118, PTH120, PTH208

import os
import stat
from pathlib import Path

import pytest

from hfl_config.create import create_home, prepare_socket_dir, require_private, restore_ready
from hfl_config.load import load
from hfl_config.paths import HomePaths, resolve
from hfl_core.domain.errors import ConfigError


@pytest.fixture
def paths(tmp_path: Path) -> HomePaths:
    return resolve({"HFL_HOME": str(tmp_path / "deep" / "home")})


def test_first_time_makes_everything_private(paths: HomePaths):
    created = create_home(paths)

    assert os.path.join(paths.latch, "ready") in created
    assert paths.config_file in created
    for folder in (paths.config, paths.keys, paths.journal, paths.run, paths.latch, paths.venue):
        assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
    assert stat.S_IMODE(os.stat(paths.config_file).st_mode) == 0o600
    assert os.listdir(paths.latch) == ["ready"]


def test_second_time_changes_nothing(paths: HomePaths):
    create_home(paths)
    Path(paths.config_file).write_text('[risk]\nprofile = "small"\n')
    Path(paths.latch, "kill-1").write_text("stop")

    assert create_home(paths) == ()
    assert Path(paths.config_file).read_text() == '[risk]\nprofile = "small"\n'
    assert sorted(os.listdir(paths.latch)) == ["kill-1", "ready"]


def test_removed_ready_stays_removed_until_a_human_asks(paths: HomePaths):
    create_home(paths)
    Path(paths.latch, "ready").unlink()

    create_home(paths)

    assert os.listdir(paths.latch) == []
    assert restore_ready(paths) is True
    assert restore_ready(paths) is False
    assert os.listdir(paths.latch) == ["ready"]


def test_written_settings_equal_the_built_in_ones(paths: HomePaths):
    create_home(paths)

    assert load(paths.config_file, is_required=True) == load()


def test_half_made_latch_is_completed(paths: HomePaths):
    """As after a crash between making the folder aside and renaming it."""
    os.makedirs(paths.latch + ".new", mode=0o700)
    for folder in (paths.run, os.path.dirname(paths.run)):
        os.chmod(folder, 0o700)

    create_home(paths)

    assert os.listdir(paths.latch) == ["ready"]


def test_file_in_the_way_is_one_sentence(paths: HomePaths):
    os.makedirs(os.path.dirname(paths.journal))
    Path(paths.journal).write_text("")

    with pytest.raises(ConfigError, match=r"expected a folder at .*journal, found something else"):
        create_home(paths)


def test_open_folder_is_refused(paths: HomePaths):
    create_home(paths)
    os.chmod(paths.keys, 0o755)

    with pytest.raises(ConfigError, match=r"private \(0700\), found 0755"):
        create_home(paths)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_read_only_home_is_one_sentence(tmp_path: Path):
    tmp_path.chmod(0o500)

    with pytest.raises(ConfigError, match="make its parent writable, or choose another home"):
        create_home(resolve({"HFL_HOME": str(tmp_path / "home")}))


def test_home_that_cannot_be_made_is_one_sentence():
    """/proc takes no folders, whoever asks."""
    with pytest.raises(ConfigError, match=r"expected to create /proc/hfl-none, found .*: make its"):
        create_home(resolve({"HFL_HOME": "/proc/hfl-none"}))


def test_link_in_place_of_a_private_folder_is_refused(tmp_path: Path):
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "real")

    with pytest.raises(ConfigError, match="found something else"):
        require_private(str(tmp_path / "link"))


def test_short_socket_folder_is_private(tmp_path: Path):
    paths = resolve({"HFL_HOME": str(tmp_path / ("x" * 120))})
    folder = prepare_socket_dir(paths)
    try:
        assert folder == paths.socket_dir != paths.run
        assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
    finally:
        os.rmdir(folder)
