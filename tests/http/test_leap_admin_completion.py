"""How the shell completes leap-admin."""

import subprocess

from leap_admin import commands
from leap_instance import SOURCE

COMPLETION = SOURCE / "admin" / "leap-admin.bash-completion"


def complete(instance, *words):
    script = f'. {COMPLETION}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _leap_admin; printf "%s\\n" "${{COMPREPLY[@]}}"'
    done = subprocess.run(
        ["bash", "-euc", script, "bash", "leap-admin", *words],
        env=instance.connection("leap_dba"),
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_every_command_is_completed(instance):
    assert complete(instance, "") == commands() + ["--help"]
    assert complete(instance, "create-c") == ["create-company", "create-community"]


def test_companies_are_completed_from_the_database(company):
    assert complete(company.instance, "set-account-limit", company.key) == [company.key]
    assert complete(company.instance, "create-company", company.key) == []
    assert complete(company.instance, "set-account-limit", "'; SELECT") == []


def test_words_of_a_closed_list_are_completed(instance):
    assert complete(instance, "set-company-status", "acme", "S") == ["Suspended"]
    assert complete(instance, "create-api-client", "acme", "crm", "read-a") == ["read-acknowledge"]
    assert complete(instance, "create-community", "acme", "") == []
