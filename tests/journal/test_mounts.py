"""A journal lies on a disk of this machine, or is not opened."""

import pytest

from hfl_core.domain.errors import JournalError
from hfl_journal import mounts
from hfl_journal.mounts import NETWORK, filesystem_of
from hfl_journal.writer import JournalWriter

LINES = r"""21 28 0:20 / /proc rw,nosuid - proc proc rw
28 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 28 0:40 / /home rw shared:2 master:7 - nfs4 server:/export rw
31 30 8:2 / /home/me/disk rw - xfs /dev/sdb1 rw
32 28 0:41 / /mnt/my\040share rw - cifs //server/share rw
33 28 0:42 / /over rw - tmpfs tmpfs rw
34 33 0:43 / /over rw - fuse.sshfs me@there:/ rw
a torn line
35 28 0:44 / /torn rw shared:3 -
"""


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("/", "ext4"),
        ("/srv/hfl", "ext4"),
        ("/home/me/hfl", "nfs4"),
        ("/home/me/disk/hfl", "xfs"),
        ("/home/me/diskette", "nfs4"),
        ("/homeless", "ext4"),
        ("/mnt/my share/hfl", "cifs"),
        ("/over/hfl", "fuse.sshfs"),
        ("/torn/hfl", "ext4"),
    ],
)
def test_the_nearest_and_newest_mount_tells(place: str, kind: str):
    assert filesystem_of(place, LINES) == kind


def test_what_the_system_does_not_tell_is_not_known():
    assert filesystem_of("/home", "") == ""


def mounted(monkeypatch, tmp_path, place: str, kind: str) -> None:
    table = tmp_path / "mountinfo"
    escaped = place.replace(" ", r"\040")
    table.write_text(f"28 1 8:1 / / rw - ext4 d rw\n30 28 0:40 / {escaped} rw - {kind} s rw\n")
    monkeypatch.setattr(mounts, "MOUNTINFO", table)


@pytest.mark.parametrize("kind", sorted(NETWORK))
def test_a_journal_on_another_machines_disk_is_refused_in_one_sentence(
    kind: str, paths, clock, monkeypatch, tmp_path
):
    mounted(monkeypatch, tmp_path, str(paths.directory.resolve()), kind)
    with pytest.raises(JournalError, match=rf"on {kind}, where file locks do not hold: choose"):
        JournalWriter.open(paths, clock=clock, run_id="r")

    assert list(paths.directory.iterdir()) == []


@pytest.mark.parametrize("kind", ["ext4", "btrfs", "tmpfs", "overlay", "fuse.gocryptfs"])
def test_a_journal_on_a_disk_of_ours_is_opened(kind: str, paths, clock, monkeypatch, tmp_path):
    mounted(monkeypatch, tmp_path, str(paths.directory.resolve()), kind)
    with JournalWriter.open(paths, clock=clock, run_id="r") as writer:
        assert writer.seq == 0


def test_a_system_without_a_mount_table_refuses_nothing(paths, clock, monkeypatch, tmp_path):
    monkeypatch.setattr(mounts, "MOUNTINFO", tmp_path / "nothing here")
    with JournalWriter.open(paths, clock=clock, run_id="r") as writer:
        assert writer.seq == 0
