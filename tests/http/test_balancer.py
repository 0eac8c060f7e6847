"""Behind a load balancer that ends TLS: the test is the balancer, at 127.0.0.1; 127.0.0.2 is anybody else."""

import pytest

from conftest import Company
from documents import EMAIL, account, insert_account
from leap_client import BASE, send_plain
from leap_instance import PROGRAM, Instance, wait_until
from web_server import site_with

BALANCER, OTHER = "127.0.0.1", "127.0.0.2"
CLIENT = "198.51.100.7"


class Balanced:
    """The service with the part of its site for a load balancer switched on."""

    def __init__(self, directory):
        site = site_with(directory, "Behind a load balancer", [("192.0.2.10", BALANCER)])
        self.instance = Instance(PROGRAM, **site)
        try:
            self.instance.start()
            self.company = Company(self.instance)
            self.identifier = insert_account(self.company)
        except BaseException:
            self.close()
            raise

    def close(self):
        self.instance.close()

    def send(self, method, path, source=BALANCER, host=None, body=None, credentials=True, **forwarded):
        """A request as a balancer hands it on; forwarded gives proto, host and address as it names them."""
        headers = [("Host", host or self.company.host)]
        names = {"proto": "X-Forwarded-Proto", "host_name": "X-Forwarded-Host", "address": "X-Forwarded-For"}
        headers += [(names[name], value) for name, value in forwarded.items()]
        if credentials:
            headers.append(("Authorization", self.company.client.authorization))
        return send_plain(self.instance.http_port, method, BASE + path, headers, body, source)

    def logged_address(self, response):
        """The client's address in the program's line and in the web server's, which must be the same."""
        name = f"request_id={response.headers['X-Request-Id']} client_address="

        def find(log):
            return next((line.split(name)[1].split()[0] for line in self.instance.log(log).splitlines() if name in line), None)

        logs = ("leap-ws.log", "leap-ws.access.log")
        addresses = wait_until(lambda: None not in (found := {find(log) for log in logs}) and found)
        (address,) = addresses
        return address


@pytest.fixture(scope="module")
def balanced(tmp_path_factory):
    made = Balanced(tmp_path_factory.mktemp("site"))
    yield made
    made.close()


def test_what_the_balancer_got_over_tls_is_served_at_the_url_that_the_client_used(balanced):
    path = f"customers/{balanced.identifier}"
    response = balanced.send("GET", path, proto="https", address=CLIENT)
    assert response.status == 200
    assert response.document.get("ref") == f"https://{balanced.company.host}/api/v1/{path}"
    assert response.headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize("port", ["", ":8443"])
def test_the_host_that_the_balancer_names_is_the_clients(balanced, port):
    sent = balanced.company.host.upper() + port
    body = account({EMAIL: f"at{port[1:]}@example.net"})
    response = balanced.send("POST", "customers", host="10.0.0.7:8080", body=body, proto="https", host_name=sent)
    assert response.status == 201
    base = f"https://{balanced.company.host}{port}/api/v1/customers/"
    assert response.document.get("ref") == response.headers["Location"]
    assert response.headers["Location"].startswith(base)


def test_the_address_that_the_balancer_names_is_the_clients(balanced):
    response = balanced.send("GET", "customers", proto="https", address=CLIENT)
    assert balanced.logged_address(response) == CLIENT


def test_an_address_that_the_client_made_up_is_not_the_clients(balanced):
    response = balanced.send("GET", "customers", proto="https", address=f"203.0.113.9, {CLIENT}")
    assert balanced.logged_address(response) == CLIENT


@pytest.mark.parametrize("forwarded", [{}, {"proto": "http"}, {"proto": "httpsx"}])
def test_what_the_balancer_got_over_plain_http_is_refused(balanced, forwarded):
    response = balanced.send("GET", "customers", **forwarded)
    assert (response.status, response.code) == (403, "insecure")
    assert response.headers["Strict-Transport-Security"] is None


def test_a_read_over_plain_http_is_redirected_to_the_host_that_the_client_used(balanced):
    forwarded = {"proto": "http", "host_name": "x.leap.localhost:8080"}
    response = balanced.send("GET", "customers", credentials=False, host="10.0.0.7", **forwarded)
    assert response.status == 308
    assert response.headers["Location"] == f"https://x.leap.localhost:{balanced.instance.https_port}{BASE}customers"


def test_plain_http_from_anybody_else_is_refused_whatever_it_says(balanced):
    response = balanced.send("GET", "customers", source=OTHER, proto="https", address=CLIENT)
    assert (response.status, response.code) == (403, "insecure")
    redirect = balanced.send("GET", "customers", source=OTHER, credentials=False, proto="https", host_name="elsewhere.example")
    assert redirect.status == 308
    assert redirect.headers["Location"].startswith(f"https://{balanced.company.host}:")


def test_tls_from_anybody_else_is_served_as_itself(balanced):
    client = balanced.company.client
    client.source = OTHER
    headers = {"X-Forwarded-Host": "elsewhere.example", "X-Forwarded-Proto": "http", "X-Forwarded-For": CLIENT}
    response = client.get(f"customers/{balanced.identifier}", headers)
    assert response.document.get("ref").startswith(f"https://{client.host}:{client.port}/")
    assert balanced.logged_address(response) == OTHER
