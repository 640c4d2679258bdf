"""The private socket: its file is removed by whoever bound it, and by nobody else."""

import pytest

from hfl_core.control.sockets import bind_private
from hfl_core.domain.errors import ControlError


def test_a_released_socket_takes_its_file_along(tmp_path):
    path = tmp_path / "s" / "a.sock"
    listener = bind_private(str(path))
    listener.release()

    assert not path.exists()
    assert listener.fileno() == -1


def test_a_socket_that_was_replaced_leaves_the_newer_file_alone(tmp_path):
    path = tmp_path / "s" / "a.sock"
    older = bind_private(str(path))
    newer = bind_private(str(path))
    older.release()
    stands = path.exists()
    newer.release()

    assert stands
    assert not path.exists()


def test_a_file_that_is_no_socket_is_not_replaced(tmp_path):
    path = tmp_path / "a.sock"
    path.write_text("mine")
    with pytest.raises(ControlError, match="expected a socket or nothing"):
        bind_private(str(path))

    assert path.read_text() == "mine"
