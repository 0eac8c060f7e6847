"""Where Apache's behaviour differs from nginx's: all that the tests expect of one web server and not of the other.

doc/administrator.md lists the same for the administrator. LEAP_TEST_WEB=apache runs the tests behind Apache.
"""

import types

from leap_instance import WEB

NGINX = types.SimpleNamespace(
    # What is in one web server's tests alone.
    other_modules=["test_apache.py", "test_cgi.py"],
    server="nginx",
    request_id="[0-9a-f]{32}",
    # The longest request line that arrives.
    request_line=16384,
    header_too_large=(431, "too-large"),
    plain_on_the_port_of_https=(403, "insecure"),
    unknown_transfer_encoding=(501, "malformed-request"),
    # HEAD of a refusal of the web server's own tells how long its document is.
    length_of_refused_head=True,
    # A client that is too slow is told so.
    slow_is_answered=False,
    # A # that is not encoded is taken for a character of the path.
    hash_in_path=True,
    # A Host header that names no host, or a port without digits, is the program's to judge.
    malformed_host="unknown-host",
    empty_port="unknown-account",
    # What of a target that is a whole URL the program sees, which takes the path of it.
    origin_of_absolute_target="",
    access_log=r"status=200 upstream_status=200 bytes=\d+ seconds=\d+\.\d{3}",
)

APACHE = types.SimpleNamespace(
    other_modules=["test_nginx.py"],
    server="Apache",
    request_id="[0-9A-Za-z@_-]{27}",
    request_line=16381,
    header_too_large=(400, "malformed-request"),
    plain_on_the_port_of_https=(400, "malformed-request"),
    unknown_transfer_encoding=(400, "malformed-request"),
    length_of_refused_head=False,
    slow_is_answered=True,
    hash_in_path=False,
    malformed_host="malformed-request",
    empty_port="malformed-request",
    origin_of_absolute_target="https://demo.leap.localhost",
    access_log=r"status=200 bytes=\d+ milliseconds=\d+",
)

EXPECTED = {"nginx": NGINX, "apache": APACHE}[WEB]
