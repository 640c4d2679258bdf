"""`hfl doctor` names the file system of the journal, and what is wrong with it."""

import json

import pytest

from hfl.cli import main
from hfl_journal import mounts


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("ext4", ("good", "ext4")),
        ("nfs4", ("bad", "the journal is on nfs4, where locks do not hold")),
        ("fuse.gocryptfs", ("note", "fuse.gocryptfs: the journal needs file locks")),
    ],
)
def test_the_doctor_names_the_journals_file_system(kind, expected, hfl_home, capsys, monkeypatch):
    main(["init"])
    capsys.readouterr()
    table = hfl_home / "mountinfo"
    table.write_text(f"30 28 0:40 / {hfl_home.resolve()} rw - {kind} source rw\n")
    monkeypatch.setattr(mounts, "MOUNTINFO", table)
    main(["doctor", "--json"])
    findings = json.loads(capsys.readouterr().out)["findings"]
    (found,) = (each for each in findings if each["topic"] == "filesystem")

    mark, said = expected
    assert found["mark"] == mark
    assert found["text"].startswith(said)
