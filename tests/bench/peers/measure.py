"""Loads each peer, behind an nginx of its own with TLS, as the service is loaded; and compares."""

import os
import pathlib
import random
import shutil
import signal
import subprocess
from statistics import median

from leap_client import BASE
from leap_instance import wait_until
from processes import workers_of
from service import CORES, SCRATCH, in_turn, load, run

PEERS = pathlib.Path(__file__).resolve().parent
TIMES = {"Go": (2, 2.5), "PHP-FPM": (4, 5), "Node": (4, 5)}

SITE = """
worker_processes auto;
daemon off;
user root;
pid {directory}/nginx.pid;
error_log {directory}/nginx.log alert;
events {{ worker_connections 2048; }}
http {{
    access_log {directory}/access.log;
    upstream peer {{ server unix:{socket}; keepalive 64; }}
    server {{
        listen 127.0.0.1:{port} ssl http2;
        ssl_certificate {tls}/leap-ws.crt;
        ssl_certificate_key {tls}/leap-ws.key;
        location / {{
            {handler}
        }}
    }}
}}
"""
PROXY = (
    'proxy_pass http://peer; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host; '
    "proxy_buffers 64 16k;"
)
FASTCGI = (
    "include /etc/nginx/fastcgi_params; fastcgi_param SCRIPT_FILENAME {script}; fastcgi_param HTTP_HOST $http_host; "
    "fastcgi_buffers 64 16k; fastcgi_pass peer;"
)
POOL = """
[global]
error_log = {directory}/fpm.log
daemonize = no
[peer]
user = root
listen = {socket}
listen.mode = 0666
pm = static
pm.max_children = {children}
clear_env = no
"""


def go_service(directory, socket):
    program = directory / "service"
    run(["go", "build", "-o", program, PEERS / "go" / "service.go"],
        env=os.environ | {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": str(directory / "cache")})  # fmt: skip
    return [program, socket], PROXY


def node_service(directory, socket):
    for name in ("package.json", "service.js"):
        shutil.copy(PEERS / "node" / name, directory)
    run(["npm", "install", "--no-audit", "--no-fund", "--silent"], cwd=directory)
    return ["node", directory / "service.js", socket], PROXY


def php_service(directory, socket):
    configuration = directory / "fpm.conf"
    configuration.write_text(POOL.format(directory=directory, socket=socket, children=max(4, 4 * CORES)))
    return ["/usr/sbin/php-fpm8.2", "-R", "-F", "-y", configuration], FASTCGI.format(script=PEERS / "php" / "service.php")


SERVICES = {"Go": go_service, "PHP-FPM": php_service, "Node": node_service}


def memory_of(processes):
    """KiB, shared pages divided among those that share them."""
    total = 0
    for process in processes:
        for line in open(f"/proc/{process}/smaps_rollup"):
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total


def family(process):
    listed = pathlib.Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [process] + [descendant for child in listed for descendant in family(int(child))]


def stop(process):
    process.send_signal(signal.SIGTERM)
    process.wait(20)


def measure_peer(company, name, paths):
    """Rounds of reads and of lists, ours and the peer's, and the peer's memory."""
    directory = SCRATCH / name
    directory.mkdir()
    socket, port = directory / "socket", random.randrange(10000, 32000)
    command, handler = SERVICES[name](directory, socket)
    environment = company.instance.connection("leap_dba")
    peer = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    site = directory / "nginx.conf"
    site.write_text(SITE.format(directory=directory, socket=socket, port=port, tls=company.instance.directory / "tls", handler=handler))
    nginx = None
    try:
        wait_until(socket.exists, 30)
        nginx = subprocess.Popen(["nginx", "-e", directory / "nginx.log", "-c", site], stdin=subprocess.DEVNULL)
        wait_until((directory / "nginx.pid").exists)
        reads, lists = [
            in_turn(lambda: load(company, loaded), lambda: load(company, loaded, port=port))
            for loaded in (paths, [f"{BASE}customers?limit=100"])
        ]
        return reads, lists, memory_of(family(peer.pid))
    finally:
        for process in filter(None, (nginx, peer)):
            stop(process)


def measure_peers(report, company):
    report.section("Peers behind the same nginx with TLS", "work", "ours", "the peer's", "ratio", "to reach", "reached")
    paths = company.paths(10000)
    for name, targets in TIMES.items():
        *measured, memory = measure_peer(company, name, paths)
        for work, rounds, target in zip(("reads", "lists"), measured, targets):
            report.compare(f"{work} a second, {name}", [[one.rate for one in loads] for loads in rounds], target)
            p99 = [median(loads[place].p99 for loads in rounds) for place in (0, 1)]
            report.goal(f"p99 of {work} in ms, {name}", *p99, 1, at_most=True)
        report.goal(f"memory in KiB, {name}", memory_of(workers_of(company.instance, "leap-ws")), memory, 1, at_most=True)
