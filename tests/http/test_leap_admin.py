"""leap-admin: each command calls its function and shows what the database refuses; nothing in an argument is ever SQL."""

import re
import subprocess

import pytest
from lxml import etree

from documents import insert_account
from leap_admin import LEAP_ADMIN, commands, run

SECRET = re.compile(r"[A-Za-z0-9_-]{43}\n")
PHC = "$scrypt$ln=14,r=8,p=5$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g"

# For each command: arguments, a query about its effect, and what that then gives.
EFFECTS = {
    "create-company": (
        ["new-{company}", "Ltd's \"New\"", "new.{company}.example.org"],
        "SELECT name FROM leap.company JOIN leap.host_name USING (company_id) "
        "WHERE hostname = 'new.' || :'company' || '.example.org'",
        "Ltd's \"New\"",
    ),
    "add-hostname": (
        ["{company}", "API.{company}.example.org"],
        "SELECT hostname FROM leap.host_name WHERE hostname LIKE 'api.' || :'company' || '.example.org'",
        "api.{company}.example.org",
    ),
    "remove-hostname": (
        ["{company}", "{company}.leap.localhost"],
        "SELECT count(*) FROM leap.host_name JOIN leap.company USING (company_id) WHERE company = :'company'",
        "0",
    ),
    "set-company-status": (
        ["{company}", "Suspended"],
        "SELECT company_status FROM leap.company WHERE company = :'company'",
        "Suspended",
    ),
    "set-account-limit": (
        ["{company}", "7"],
        "SELECT account_limit FROM leap.company_usage JOIN leap.company USING (company_id) WHERE company = :'company'",
        "7",
    ),
    "set-password-score": (["{company}", "4"], "SELECT password_score FROM leap.company WHERE company = :'company'", "4"),
    "create-community": (
        ["{company}", "store-2"],
        "SELECT community FROM leap.community JOIN leap.company USING (company_id) "
        "WHERE company = :'company' AND community <> 'original'",
        "store-2",
    ),
    "define-field": (
        ["{company}", "shoe-size", "Größe\\n"],
        "SELECT label FROM leap.additional_field JOIN leap.company USING (company_id) "
        "WHERE company = :'company' AND key = 'shoe-size'",
        "Größe\\n",
    ),
    "remove-field": (
        ["{company}", "shoe-size"],
        "SELECT key FROM leap.additional_field JOIN leap.company USING (company_id) WHERE company = :'company'",
        "crm-identifier",
    ),
    "create-api-client": (
        ["{company}", "crm", "read-only", "2100-01-01 00:00 UTC"],
        "SELECT permission, expires FROM leap.api_client JOIN leap.company USING (company_id) "
        "WHERE company = :'company' AND client = 'crm'",
        "read-only|2100-01-01 00:00:00+00",
    ),
    "set-api-client-permission": (
        ["{company}", "tests", "read-acknowledge"],
        "SELECT permission FROM leap.api_client JOIN leap.company USING (company_id) WHERE company = :'company'",
        "read-acknowledge",
    ),
    "rotate-api-client": (
        ["{company}", "tests", "3 days"],
        "SELECT previous_expires > now() + interval '2 days' FROM leap.api_client JOIN leap.company USING (company_id) "
        "WHERE company = :'company'",
        "t",
    ),
    "revoke-api-client": (
        ["{company}", "tests"],
        "SELECT revoked <= now() FROM leap.api_client JOIN leap.company USING (company_id) WHERE company = :'company'",
        "t",
    ),
    "set-account-status": (
        ["{company}", "{account}", "Inactive"],
        "SELECT account_status FROM leap.account WHERE identifier = :account",
        "Inactive",
    ),
    "set-password-hash": (
        ["{company}", "{account}"],
        "SELECT password_hash FROM leap.account_password WHERE identifier = :account",
        PHC,
    ),
    "erase-account": (
        ["{company}", "{account}"],
        "SELECT erased, email IS NULL FROM leap.account WHERE identifier = :account",
        "t|t",
    ),
    "export-account": (["{company}", "{account}"], "SELECT erased FROM leap.account WHERE identifier = :account", "f"),
    "import-accounts": (
        ["{company}", "{staging}", "1"],
        "SELECT count(*) FROM leap.account WHERE email LIKE 'staged-_@example.net' "
        "AND company_id = (SELECT company_id FROM leap.company WHERE company = :'company')",
        "2",
    ),
    "purge-history": (
        ["{company}", "0 seconds"],
        "SELECT count(*) FROM leap.account_history WHERE identifier = :account",
        "0",
    ),
    "purge-retry-keys": ([], "SELECT count(*) FROM leap.retry_key WHERE created < now() - interval '24 hours'", "0"),
}

# For each command that has a value of its own to refuse: arguments, the database's message, and whether a hint follows.
REFUSALS = {
    "create-company": (["a b", "A", "a.example.org"], "'a b' is no valid key of a company.", True),
    "add-hostname": (["{company}", "https://x"], "'https://x' is no valid host name.", True),
    "remove-hostname": (["{company}", "x.test"], "The company '{company}' is not served at 'x.test'.", True),
    "set-company-status": (["{company}", "Gone"], "'Gone' is no status of a company.", True),
    "set-account-limit": (["{company}", "-1"], "-1 is no number of accounts.", True),
    "set-password-score": (["{company}", "5"], "'5' is no strength of a password.", True),
    "create-community": (["{company}", "original"], "The community 'original' exists already.", True),
    "define-field": (["{company}", "k", " "], "' ' is no valid label.", True),
    "remove-field": (["{company}", "none"], "There is no field 'none'.", True),
    "create-api-client": (["{company}", "tests"], "The API client 'tests' exists already.", True),
    "set-api-client-permission": (["{company}", "tests", "all"], "'all' is no permission.", True),
    "rotate-api-client": (["{company}", "tests", "-1 day"], "'-1 days' is no overlap.", True),
    "revoke-api-client": (["{company}", "none"], "There is no API client 'none'.", True),
    "set-account-status": (["{company}", "1", "Active"], "The company has no account '1'.", True),
    "set-password-hash": (["none", "1"], "There is no company 'none'.", True),
    "erase-account": (["{company}", "1"], "The company has no account '1'.", True),
    "export-account": (["{company}", "one"], 'invalid input syntax for type bigint: "one"', False),
    "import-accounts": (["{company}", "no_table"], 'relation "no_table" does not exist', False),
    "purge-history": (["{company}", "-1 day"], "'-1 days' is no age of history.", True),
}


@pytest.fixture
def fill(company):
    """Fills in what a test's arguments leave open: the company, an account of it, and a staging table."""
    company.account = insert_account(company)
    company.staging = "staged_" + company.key.replace("-", "_")
    company.dba(
        f"""
        CREATE TABLE {company.staging} (LIKE leap.account_import INCLUDING DEFAULTS);
        INSERT INTO {company.staging} (email, given_name, family_name, communities)
        VALUES ('staged-1@example.net', 'A', 'B', 'original'), ('staged-2@example.net', 'C', 'D', 'original');
        """
    )
    yield lambda text: text.format(company=company.key, account=company.account, staging=company.staging)
    company.dba(f"DROP TABLE {company.staging}")


def test_the_tables_here_hold_every_command():
    functions = set(commands()) - {"status", "deploy", "upgrade"}
    assert set(EFFECTS) == functions
    assert set(REFUSALS) == functions - {"purge-retry-keys"}


def test_there_is_a_command_for_each_function_of_the_dba(instance):
    callable_functions = instance.psql(
        """
        SELECT replace(p.proname, '_', '-') FROM pg_proc p
        WHERE p.pronamespace = 'leap'::regnamespace AND 'company' = ANY (p.proargnames) AND p.proname NOT LIKE 'require%'
          AND has_function_privilege('leap_dba', p.oid, 'EXECUTE')
        UNION SELECT 'purge-retry-keys'
        """
    )
    assert set(EFFECTS) == set(callable_functions.splitlines())


@pytest.mark.parametrize("command", EFFECTS)
def test_a_command_does_what_its_function_does(company, fill, command):
    arguments, query, expected = EFFECTS[command]
    done = run(company.instance, command, *map(fill, arguments), input=PHC)
    assert done.returncode == 0, done.stderr
    assert company.dba(query, account=company.account) == fill(expected)


@pytest.mark.parametrize("command", REFUSALS)
def test_what_the_database_refuses_is_shown_with_its_hint(company, command):
    arguments, message, has_hint = REFUSALS[command]
    done = run(company.instance, command, *[text.format(company=company.key) for text in arguments], input=PHC)
    first, *others = done.stderr.splitlines()
    assert (done.returncode, done.stdout, first) == (1, "", "leap-admin: " + message.format(company=company.key))
    assert len(others) == has_hint and all(line.startswith("hint: ") for line in others)


def test_secrets_are_printed_alone_and_authenticate(company):
    created = run(company.instance, "create-api-client", company.key, "crm")
    assert SECRET.fullmatch(created.stdout) and created.stderr == ""
    rotated = run(company.instance, "rotate-api-client", company.key, "crm")
    assert SECRET.fullmatch(rotated.stdout) and rotated.stderr == ""
    secrets = [created.stdout.strip(), rotated.stdout.strip()]
    assert [company.as_client("crm", secret).get("customers").status for secret in secrets] == [200, 200]
    assert run(company.instance, "revoke-api-client", company.key, "crm").stdout == ""
    assert [company.as_client("crm", secret).get("customers").status for secret in secrets] == [401, 401]


def test_a_secret_that_cannot_be_written_is_a_failure(company):
    with open("/dev/full", "w") as full:
        done = run(company.instance, "create-api-client", company.key, "crm", stdout=full)
    assert done.returncode == 1
    assert "leap-admin: The result could not be written.\nhint: " in done.stderr


def test_the_limit_is_lifted_by_null(company):
    assert run(company.instance, "set-account-limit", company.key, "0").returncode == 0
    assert run(company.instance, "set-account-limit", company.key, "null").returncode == 0
    limits = "SELECT count(*) FROM leap.company_usage JOIN leap.company USING (company_id) WHERE company = :'company'"
    assert company.dba(limits) == "0"


def test_an_export_is_one_xml_document(company, fill):
    done = run(company.instance, "export-account", company.key, fill("{account}"))
    assert etree.fromstring(done.stdout.encode()).findtext("account/identifier") == str(company.account)


def test_an_import_reports_what_it_did(company, fill):
    done = run(company.instance, "import-accounts", company.key, company.staging)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "leap-admin: 2 rows read, 2 accounts imported\n"


@pytest.mark.parametrize("command", [command for command in EFFECTS if EFFECTS[command][0]])
def test_nothing_in_an_argument_is_run(company, fill, command, tmp_path):
    """Each argument in turn tries to be SQL, a command of psql, and one of the shell."""
    arguments = [fill(text) for text in EFFECTS[command][0]]
    canary = tmp_path / "canary"
    attack = f"'; DROP SCHEMA leap CASCADE; --\n\\! touch {canary}\n`touch {canary}`$(touch {canary}) :'company' \" \\"
    for place in range(len(arguments)):
        attacked = arguments[:place] + [attack] + arguments[place + 1 :]
        done = run(company.instance, command, *attacked, input=PHC)
        assert (done.returncode, done.stdout) == (1, "")
        assert "syntax error" not in done.stderr
    assert not canary.exists()
    assert company.dba("SELECT company FROM leap.company WHERE company = :'company'") == company.key


def test_an_attack_that_is_a_valid_name_is_stored_as_it_stands(company):
    name = "'; DROP SCHEMA leap CASCADE; -- :'company' \\"
    assert run(company.instance, "create-company", f"sly-{company.key}", name, f"sly.{company.host}").returncode == 0
    assert company.dba("SELECT name FROM leap.company WHERE company = 'sly-' || :'company'") == name


@pytest.mark.parametrize(
    "arguments, message",
    [
        ([], "A command is missing."),
        ([""], '"" is no command.'),
        (["--version"], '"--version" is no command.'),
        (["drop-company"], '"drop-company" is no command.'),
        (["    a company,"], '"    a company," is no command.'),
        (["create-company", "acme"], "create-company takes COMPANY NAME HOSTNAME."),
        (["rotate-api-client", "a", "b", "c", "d"], "rotate-api-client takes COMPANY CLIENT [OVERLAP]."),
        (["purge-retry-keys", "now"], "purge-retry-keys takes no arguments."),
        (["status", "now"], "status takes no arguments."),
        (["set-password-hash", "acme", "1"], "There is nothing on standard input."),
        (["create-community", "acme", b"\xff"], "An argument is not UTF-8."),
    ],
)
def test_a_wrong_command_line_ends_with_2_and_says_what_is_right(instance, arguments, message):
    done = run(instance, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"leap-admin: {message}\n")


def test_where_it_cannot_connect_it_says_how_it_tried(instance):
    done = run(instance, "purge-retry-keys", database="absent")
    assert (done.returncode, done.stdout) == (1, "")
    assert 'database "absent" does not exist' in done.stderr
    assert done.stderr.splitlines()[-1].startswith("hint: PGUSER (leap_dba), PGDATABASE (absent) and PGHOST (/")


def test_role_and_database_have_defaults(company):
    environment = company.instance.connection()
    del environment["PGUSER"], environment["PGDATABASE"]
    connections = 1 + len(company.instance.dba_sessions)
    done = subprocess.run([LEAP_ADMIN, "status"], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert re.search(rf"^Connections: .* leap_dba {connections}\b", done.stdout, re.MULTILINE)
    assert re.search(r"^Database: +leap,", done.stdout, re.MULTILINE)
