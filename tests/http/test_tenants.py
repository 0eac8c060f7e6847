"""
What is another company's is answered as what does not exist: every path of the program's table by every method, with the other
company's identifiers, external identifiers, communities, fields, values, addresses, cursors, keys, ETags, clients and host name.

That is 14 paths by 7 methods, and about 780 pairs of requests.
"""

import pytest

from leap_client import BASE
from program_routes import routes
from tenants import METHODS, OF_NOBODY, PARAMETERS, PARTS, Tenants, differences, filled_path, reaches

PATHS = list(dict.fromkeys(row.path for row in routes()))


@pytest.fixture(scope="module")
def tenants(make_company):
    return Tenants(make_company)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("path", PATHS)
def test_what_is_another_company_s_does_not_exist(tenants, path, method):
    tried, found = differences(tenants, method, path)
    assert found == []
    assert tried >= 6
    assert tenants.is_untouched()


def test_the_matrix_has_everything_that_a_request_can_name(tenants):
    """A path or parameter that is new in the program is to be given a kind; the numbers are those in the head of this file."""
    named = {name for path in PATHS for name in filled_path(path, tenants.ours, PARTS).split("/") if name.startswith("{")}
    assert named == set()
    assert {name for row in routes() for name in row.query} == PARAMETERS.keys() | OF_NOBODY
    sizes = [len(list(reaches(method, path, tenants))) for path in PATHS for method in METHODS]
    print(f"{len(PATHS)} paths by {len(METHODS)} methods: {sum(sizes)} pairs of requests")
    assert (len(PATHS), len(METHODS), len(sizes)) == (14, 7, 98)
    assert 775 <= sum(sizes) < 785


@pytest.mark.parametrize("path", [row.path for row in routes() if row.method == "GET"])
def test_the_same_requests_find_what_is_one_s_own(tenants, path):
    """So that it is the wall that hides the other company's, and not a wrong request."""
    target = filled_path(path, tenants.theirs)
    target += f"?value={tenants.theirs.value.replace(' ', '+')}" if path.endswith("{key}") else ""
    own = tenants.theirs.client.get(target)
    assert own.status == 200
    if path != "leap-ws-v1.0.xsd":
        assert tenants.theirs.account.encode() in own.body or own.document.tag == "comments" and len(own.document)
    assert tenants.ours.client.request("GET", BASE + target).body != own.body or path == "leap-ws-v1.0.xsd"
