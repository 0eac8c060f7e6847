"""The commands of the documentation, run as they stand, one after the other in one shell."""

import os
import re
import subprocess

import pytest

from leap_instance import SOURCE

STATUS = re.compile(r"# (\d{3})$")


def fenced_blocks(path):
    return re.findall(r"^```sh\n(.*?)^```$", (SOURCE / path).read_text(), re.DOTALL | re.MULTILINE)


def readme_blocks():
    section = (SOURCE / "README.md").read_text().split("## Create and read an account")[1].split("\n## ")[0]
    return [re.sub("^    ", "", block, flags=re.MULTILINE) for block in re.findall(r"(?:^    .*\n)+", section, re.MULTILINE)]


@pytest.fixture
def shell(company, tmp_path):
    """Runs blocks in one shell, as an integrator of the company; gives what each printed, replies with their heads."""
    environment = os.environ | {
        "LEAP_URL": f"https://{company.host}:{company.client.port}/api/v1",
        "LEAP_CLIENT": "tests",
        "LEAP_SECRET": company.secret,
        "LEAP_CA": str(company.instance.ca),
        "TMPDIR": str(tmp_path),
    }

    def run(blocks):
        script = 'curl() { command curl --dump-header /dev/stderr --silent --show-error --noproxy "*" "$@"; }\n'
        for block in blocks:
            commands = block.replace(". var/quickstart.env\n", "")
            script += f"{{\n{commands}\n}} 2>&1\nprintf '\\n=====\\n'\n"
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=SOURCE, env=environment, capture_output=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout.decode().split("\n=====\n")[:-1]

    return run


def statuses(output):
    return re.findall(r"^HTTP/\S+ (\d{3})", output, re.MULTILINE)


@pytest.mark.parametrize("page, commands", [("doc/integrator.md", 20), ("doc/getting-started.md", 4)])
def test_each_command_of_a_page_answers_as_it_says(shell, page, commands):
    blocks = fenced_blocks(page)
    outputs = shell(readme_blocks()[:1] + blocks)[1:]
    expected = [STATUS.findall(block.rstrip()) for block in blocks]
    assert [statuses(output)[-1:] for output in outputs] == expected
    assert sum(map(len, expected)) >= commands


def test_what_the_clients_of_the_getting_started_page_print(shell):
    """Which a reply's status does not tell: the feed shows an account once, the poll clears its flag."""
    outputs = shell(fenced_blocks("doc/getting-started.md"))
    printed = [re.findall(r"^\d+\t\d+\tActive\t.*$", output, re.MULTILINE) for output in outputs]
    [followed, polled] = [lines for lines in printed if lines]
    assert followed == polled and re.fullmatch(r"\d+\t3\tActive\tCRM-7", followed[0])


def test_the_readme_s_commands_create_and_read(shell, company):
    create, read = readme_blocks()
    [created] = shell([create])
    assert statuses(created) == ["201"]
    identifier = re.search(r'identifier="(\d+)"', created)[1]
    [shown] = shell([read.replace("10000001", identifier)])
    assert statuses(shown) == ["200"] and "joe@example.net" in shown


DOCUMENTS = sorted(path.relative_to(SOURCE) for path in [*SOURCE.glob("*.md"), *SOURCE.glob("doc/**/*.md")])
NAMED = re.compile(r"`((?:admin|apache|cgi|common|debian|doc|man|metrics|nginx|sql|systemd|tests|tools)/[\w./-]+)`")
LINKED = re.compile(r"\]\((?!\w+:|#)([^)#]+)[^)]*\)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_the_files_that_a_document_names_are_there(document):
    text = (SOURCE / document).read_text()
    paths = [SOURCE / name for name in NAMED.findall(text)] + [(SOURCE / document).parent / link for link in LINKED.findall(text)]
    # A module of C or Python may be named without its ending.
    missing = [path for path in paths if not path.exists() and not list(path.parent.glob(f"{path.name}.*"))]
    assert not missing
