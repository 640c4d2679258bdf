"""On what a journal would lie: file systems of other machines are refused.

File locks, shared memory and syncs do not hold there: two writers would both be let in, a follower
would read a log that is not the writer's, and a commit would be durable only by name
(sqlite.org/wal.html, "All processes using a database must be on the same host computer").
"""

import re
from pathlib import Path
from typing import Final

from hfl_core.domain.errors import JournalError

MOUNTINFO: Final = Path("/proc/self/mountinfo")
NETWORK: Final = frozenset(
    {
        "9p", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "drvfs", "glusterfs", "gpfs",
        "lustre", "ncpfs", "nfs", "nfs4", "ocfs2", "smb3", "smbfs", "virtiofs", "vboxsf",
        "fuse.davfs2", "fuse.gcsfuse", "fuse.glusterfs", "fuse.goofys", "fuse.rclone", "fuse.s3fs",
        "fuse.sshfs", "fuse.vmhgfs-fuse",
    }
)  # fmt: skip
_ESCAPED: Final = re.compile(r"\\([0-7]{3})")


def refuse_other_machines(directory: Path) -> None:
    """Raise JournalError with one sentence when a directory lies on another machine's disk.

    Where the system does not tell (no /proc), nothing is refused.
    """
    kind = filesystem_of(str(directory.resolve()), read_mounts())
    if kind in NETWORK:
        raise JournalError(
            f"expected the journal on a disk of this machine, found {directory} on {kind}, where "
            "file locks do not hold: choose a local folder with --home DIR or paths.journal"
        )


def read_mounts() -> str:
    """Return what is mounted where, empty where the system does not tell."""
    try:
        return MOUNTINFO.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""


def filesystem_of(place: str, mountinfo: str) -> str:
    """Return the kind of file system behind a resolved path, empty when it cannot be told.

    mountinfo: the text of /proc/self/mountinfo (proc(5)): the mount point is the fifth field, the
    kind follows the separator "-"; of two mounts on one place the later hides the earlier.
    """
    best, kind = "", ""
    for line in mountinfo.splitlines():
        before, separator, after = line.partition(" - ")
        fields = before.split(" ")
        if not separator or len(fields) < 5 or not after:
            continue
        mount = _ESCAPED.sub(lambda found: chr(int(found[1], 8)), fields[4])
        is_above = mount in ("/", place) or place.startswith(f"{mount}/")
        if is_above and len(mount) >= len(best):
            best, kind = mount, after.split(" ")[0]
    return kind
