"""The reference page, /api/v1/docs/: in a browser, alone with what the site serves, and by its replies."""

import os
import subprocess

import pytest

from browser import Browser
from leap_client import send_plain
from leap_instance import DOMAIN, SOURCE, wait_until
from openapi_cases import DOCUMENT, operations

HOST = f"anything.{DOMAIN}"
PAGE = "/api/v1/docs/"
FILES = {
    "": "text/html",
    "index.html": "text/html",
    "reference.js": "text/javascript",
    "reference.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "openapi.yaml": "application/yaml",
    "getting-started.txt": "text/plain",
    "crm.sh.txt": "text/plain",
    "crm.py.txt": "text/plain",
    "crm.php.txt": "text/plain",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@pytest.fixture(scope="module")
def directory(instance):
    """What the page is served from, complete."""
    made = instance.directory / "docs"
    subprocess.run([SOURCE / "tools" / "swagger-ui", made], check=True, stdin=subprocess.DEVNULL, timeout=300)
    return made


@pytest.fixture(scope="module")
def visitor(instance, directory):
    """Nobody's client, at a host name that no company has."""
    return instance.client(HOST)


@pytest.fixture(scope="module")
def browser(instance, tmp_path_factory):
    made = Browser(instance.directory / "tls" / "leap-ws.crt", tmp_path_factory.mktemp("browser"))
    yield made
    made.close()


@pytest.fixture
def page(instance, directory, browser):
    """The page, once all operations are there."""
    browser.open(f"https://{HOST}:{instance.https_port}{PAGE}")
    wait_until(lambda: len(browser.elements(".opblock")) == len(list(operations())), 120)
    return browser


# In a browser


def test_it_shows_every_operation_and_code_and_says_nothing_on_the_console(page, tmp_path):
    text = page.text()
    assert DOCUMENT["info"]["title"] in text
    for operation in operations():
        assert operation.path in text
    for code in DOCUMENT["components"]["schemas"]["error"]["properties"]["code"]["x-extensible-enum"]:
        assert code in text
    page.screenshot(tmp_path / "page.png")
    assert (tmp_path / "page.png").stat().st_size > 20000
    assert page.console() == []


def test_it_asks_only_the_site_itself(page, instance):
    asked = page.requests()
    base = f"https://{HOST}:{instance.https_port}{PAGE}"
    assert {url.removeprefix(base) for url in asked} == {
        "", "swagger-ui.css", "reference.css", "swagger-ui-bundle.js", "reference.js", "openapi.yaml"
    }  # fmt: skip


def test_an_operation_opens_with_its_examples_as_xml(page):
    [opener] = page.elements("#operations-Accounts-createCustomer .opblock-summary-control")
    page.driver.execute_script("arguments[0].click()", opener)
    wait_until(lambda: page.elements("#operations-Accounts-createCustomer .opblock-body pre"), 60)
    shown = page.elements("#operations-Accounts-createCustomer")[0].text
    assert '<account xmlns="http://schema.majitek.com/leap-ws-v1.0" extid="CRM/9">' in shown
    assert "Idempotency-Key" in shown and "account-limit" in shown
    assert page.console() == []


def test_it_has_nothing_to_type_a_secret_into(page):
    assert not any(button.is_displayed() for button in page.elements(".authorize, .authorization__btn, .try-out__btn"))


def test_the_policy_holds_off_what_is_foreign_and_what_is_inline(page):
    """So that the tests above would see it."""
    page.driver.execute_script(
        """
        document.body.appendChild(new Image()).src = "https://foreign.leap.localhost/x.png";
        document.body.appendChild(document.createElement("script")).textContent = "document.title = 'inline'";
        """
    )
    said = wait_until(lambda: "".join(page.console()))
    assert "https://foreign.leap.localhost/x.png" in said and "Content Security Policy" in said
    assert page.driver.title == DOCUMENT["info"]["title"]


def test_without_swagger_ui_it_says_so_and_leads_to_the_document(instance, directory, browser):
    script = directory / "swagger-ui-bundle.js"
    script.rename(directory / "aside")
    try:
        browser.open(f"https://{HOST}:{instance.https_port}{PAGE}")
        assert "did not appear" in browser.text()
        assert browser.elements("main a")[0].get_attribute("href").endswith(f"{PAGE}openapi.yaml")
    finally:
        (directory / "aside").rename(script)


# swagger-ui's files


def fetch(directory, **environment):
    return subprocess.run(
        [SOURCE / "tools" / "swagger-ui", directory],
        env=os.environ | environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300,
    )  # fmt: skip


def test_a_file_that_is_not_swagger_ui_s_own_is_replaced(directory):
    style = directory / "swagger-ui.css"
    good = style.read_bytes()
    style.write_bytes(good + b" ")
    assert fetch(directory).returncode == 0
    assert style.read_bytes() == good


def test_without_a_registry_it_says_so_and_leaves_nothing(tmp_path):
    settings = {"registry": "https://127.0.0.1:1", "fetch_retries": "0", "cache": str(tmp_path / "npm")}
    done = fetch(tmp_path, **{f"npm_config_{name}": value for name, value in settings.items()})
    assert done.returncode == 1 and "npm could not fetch swagger-ui-dist" in done.stderr and "ECONNREFUSED" in done.stderr
    assert [path.name for path in tmp_path.iterdir() if path.name != "npm"] == []


def test_what_is_there_already_is_not_fetched(directory):
    assert fetch(directory, npm_config_registry="https://127.0.0.1:1").returncode == 0


# Its replies


@pytest.mark.parametrize("name, media_type", FILES.items())
def test_each_file_is_served_to_anybody_under_any_host_name(visitor, name, media_type):
    reply = visitor.request("GET", PAGE + name)
    assert (reply.status, reply.headers["Content-Type"]) == (200, f"{media_type}; charset=utf-8")
    assert reply.headers["Content-Security-Policy"] == POLICY
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert reply.headers["Cache-Control"] == "private, no-cache"
    assert reply.headers["Referrer-Policy"] == "no-referrer"
    assert reply.headers["X-Request-Id"] and reply.headers["ETag"]
    assert visitor.request("GET", PAGE + name, headers={"If-None-Match": reply.headers["ETag"]}).status == 304


def test_what_is_served_is_what_the_tree_holds(visitor):
    for name, source in {"openapi.yaml": "openapi.yaml", "getting-started.txt": "getting-started.md"}.items():
        assert visitor.request("GET", PAGE + name).body == (SOURCE / "doc" / source).read_bytes()
    for suffix in ("sh", "py", "php"):
        served = visitor.request("GET", f"{PAGE}crm.{suffix}.txt").body
        assert served == (SOURCE / "doc" / "examples" / f"crm.{suffix}").read_bytes()


def test_every_link_of_the_page_leads_somewhere(visitor, company):
    for name in ("getting-started.txt", "openapi.yaml", "crm.sh.txt", "crm.py.txt", "crm.php.txt"):
        assert f'href="{name}"'.encode() in visitor.request("GET", PAGE).body
    assert b'href="../leap-ws-v1.0.xsd"' in visitor.request("GET", PAGE).body
    assert company.anonymous.get("leap-ws-v1.0.xsd").status == 200


def test_scripts_are_compressed_and_the_api_s_replies_are_not(visitor, company):
    asking = {"Accept-Encoding": "gzip"}
    assert visitor.request("GET", f"{PAGE}swagger-ui-bundle.js", headers=asking).headers["Content-Encoding"] == "gzip"
    assert company.client.get("leap-ws-v1.0.xsd", asking).headers["Content-Encoding"] is None


def test_without_the_slash_it_leads_there(visitor):
    reply = visitor.request("GET", PAGE.rstrip("/"))
    assert (reply.status, reply.headers["Location"]) == (308, "docs/")
    assert reply.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_it_is_only_read(visitor, method):
    reply = visitor.request(method, PAGE)
    assert (reply.status, reply.code, reply.headers["Allow"]) == (405, "method-not-allowed", "GET, HEAD")


@pytest.mark.parametrize("path", ["nothing", "index.html/x", ".git", "swagger-ui.css.map"])
def test_there_is_nothing_else(visitor, path):
    reply = visitor.request("GET", PAGE + path)
    assert (reply.status, reply.code) == (404, "unknown-path")


@pytest.mark.parametrize("path", ["../data", "..%2f..%2fetc%2fpasswd", "%2e%2e%2fdata/PG_VERSION", "..%2frun"])
def test_nothing_outside_of_it_is_served(visitor, path):
    """Such a path is not the page's: the program answers, which knows no company at this host name."""
    reply = visitor.request("GET", PAGE + path)
    assert (reply.status, reply.code) == (404, "unknown-host")


def test_paths_beside_it_are_the_program_s(company, directory):
    assert company.client.get("docsx").code == "unknown-path"
    assert company.anonymous.get("docsx").code == "unauthenticated"


def test_plain_http_leads_to_https(instance, visitor):
    reply = send_plain(instance.http_port, "GET", PAGE, [("Host", HOST)])
    assert (reply.status, reply.headers["Location"]) == (308, f"https://{HOST}:{instance.https_port}{PAGE}")
    assert send_plain(instance.http_port, "POST", PAGE, [("Host", HOST)], b"x").code == "insecure"
