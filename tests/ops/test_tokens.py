import os
import stat

import pytest

from domain.envelope import Actor
from domain.errors import InvalidValue
from ops.tokens import TokenFile, give_out
from services.access import Holder, Right, Tokens

OFFICE = Holder(Actor("office-1", "Văn phòng Tỉnh ủy"))


def test_a_token_that_is_given_out_is_known_at_once_and_kept_as_a_digest(tmp_path):
    file = tmp_path / "deep" / "tokens"
    access = TokenFile(file)
    token = give_out(file, OFFICE)
    assert access.authenticate(token) == OFFICE
    assert token not in file.read_text("utf-8")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("post", [None, "Văn phòng Tỉnh ủy", "may be"])
@pytest.mark.parametrize("rights", [[], [Right.SEE_NAMES], [Right.KEEP_PEOPLE, Right.SEE_NAMES]])
def test_what_a_token_allows_is_kept_in_its_line(tmp_path, post, rights):
    file, holder = tmp_path / "tokens", Holder(Actor("office-1", post), frozenset(rights))
    token = give_out(file, holder)
    assert TokenFile(file).authenticate(token) == holder


def test_a_right_that_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="fly"):
        Tokens.read(f"{'ab' * 32} office-1 may=fly")


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
