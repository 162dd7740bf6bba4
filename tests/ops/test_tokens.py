import os
import stat

import pytest

from domain.envelope import Actor
from domain.errors import InvalidValue
from ops.tokens import TokenFile, give_out

OFFICE = Actor("office-1", "Văn phòng Tỉnh ủy")


def test_a_token_that_is_given_out_is_known_at_once_and_kept_as_a_digest(tmp_path):
    file = tmp_path / "deep" / "tokens"
    access = TokenFile(file)
    token = give_out(file, OFFICE)
    assert access.authenticate(token) == OFFICE
    assert token not in file.read_text("utf-8")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_token_whose_line_is_deleted_is_known_no_more(tmp_path):
    file = tmp_path / "tokens"
    token = give_out(file, OFFICE)
    access = TokenFile(file)
    file.write_text("", "utf-8")
    os.utime(file, ns=(1, 1))
    assert access.authenticate(token) is None
    file.unlink()
    assert access.authenticate(token) is None


def test_a_file_that_is_spoilt_while_serving_takes_nobody_in_or_out(tmp_path):
    file = tmp_path / "tokens"
    token = give_out(file, OFFICE)
    access = TokenFile(file)
    file.write_text("no digest", "utf-8")
    assert access.authenticate(token) == OFFICE
    assert access.authenticate("another") is None
    with pytest.raises(InvalidValue, match="tokens"):
        TokenFile(file)
