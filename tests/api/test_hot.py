"""The two ways of reading one node say the same; whatever is odd is refused as anywhere."""

import pytest

from tests.api.conftest import said

SAME = ("Sogoc-Position", "Sogoc-Known-At", "Sogoc-Valid-At", "Content-Type", "Vary")


@pytest.fixture(scope="module")
def renamed(house):
    """A commune with two names, and the position between them."""
    id_ = house.unit("Xã Hai Tên", "commune", "Huyện Bình")
    before = house.register.store.position()
    house.post(f"/v1/units/{id_}/renamings", said("2025-03-01", name="Xã Tên Sau"))
    return id_, before


def ways(house, id_, query="", **headers):
    """The quick way; and the ordinary one, which alone takes an id in capitals."""
    return [house.get(f"/v1/units/{each}{query}", headers=headers) for each in (id_, id_.upper())]


@pytest.mark.parametrize(
    "form", ["application/json", "application/x-ndjson", "text/csv", "image/png"]
)
@pytest.mark.parametrize(
    "query",
    ["", "?valid_at=2025-02-28", "?valid_at=2025-03-01&known_at={}", "?valid_at=2024-01-01"],
)
def test_both_ways_say_the_same(house, renamed, query, form):
    id_, before = renamed
    quick, ordinary = ways(house, id_, query.format(before), Accept=form)
    assert quick.status_code == ordinary.status_code
    assert {n: quick.headers.get(n) for n in SAME} == {n: ordinary.headers.get(n) for n in SAME}
    if quick.status_code == 200:
        assert quick.content == ordinary.content
    else:
        assert quick.json()["type"] == ordinary.json()["type"]


@pytest.mark.parametrize(
    "query",
    [
        "?valid_at=2025-02-30",
        "?valid_at=",
        "?valid_at=2025-01-01&valid_at=2025-01-01",
        "?known_at=-1",
        "?known_at=9007199254740991",
        "?known_at=2999-01-01T00:00:00Z",
        "?validat=2025-01-01",
    ],
)
def test_what_is_odd_is_refused_on_both_ways(house, renamed, query):
    quick, ordinary = ways(house, renamed[0], query)
    assert (quick.status_code, ordinary.status_code) == (422, 422)
    assert quick.json()["type"] == ordinary.json()["type"]


def test_a_header_that_is_odd_is_refused(house, renamed):
    path = f"/v1/units/{renamed[0]}"
    assert house.client.get(path, headers={"Min-Position": "soon"}).status_code == 422
    assert house.client.get(path, headers={"Min-Position": "9" * 5000}).status_code == 422
    twice = [("Min-Position", "1"), ("Min-Position", "2")]
    assert house.client.get(path, headers=twice).status_code == 422


def test_other_methods_go_on(house, renamed):
    path = f"/v1/units/{renamed[0]}"
    head = house.client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["ETag"] == house.client.get(path).headers["ETag"]
    assert house.client.delete(path).status_code == 405
