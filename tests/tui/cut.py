"""The rows of the made journal, and homes whose journal ends with any of them."""

import shutil
import sqlite3

import pytest

from hfl_core.ports import JournalRow
from hfl_journal.reader import JournalReader


@pytest.fixture(scope="module")
def journal_rows(made):
    with JournalReader.open(made.home.journal.journal) as reader:
        found: list[JournalRow] = []
        while page := reader.rows(found[-1].seq if found else 0):
            found.extend(page)
    return found


def cut_behind(made, target, seq):
    """Make a home whose journal ends with a row, as if nothing had happened since."""
    shutil.copytree(made.folder, target)
    journal = target / "journal" / "paper-main.sqlite"
    with sqlite3.connect(journal) as connection:
        connection.execute("DROP TRIGGER event_no_delete")
        connection.execute("DROP TRIGGER event_ref_no_delete")
        connection.execute("DELETE FROM event WHERE seq > ?", (seq,))
        connection.execute("DELETE FROM event_ref WHERE seq > ?", (seq,))
    connection.close()
    return target
