#!/usr/bin/env php
<?php
// A client of the Customer Web Services API, to copy. It needs PHP 8 with curl and SimpleXML.
const USAGE = <<<'TEXT'
  crm.php create FILE KEY                 creates the account in an XML file; again with the same KEY it
                                          is still one account
  crm.php extid IDENTIFIER EXTID          sets your own identifier
  crm.php login IDENTIFIER VERSION EMAIL  changes the login, unless the account is past that version
  crm.php follow FILE                     prints the accounts that changed since the last time; FILE
                                          keeps the place
  crm.php poll                            prints the accounts with changes and acknowledges these

An account is a line: identifier, version, status and your own identifier, with tabs between.
LEAP_URL is https://COMPANY.DOMAIN/api/v1, LEAP_CLIENT and LEAP_SECRET are the API client's, and
LEAP_CA is a file with the CA's certificate where the system's own do not do. What is not answered, or
only later, is tried LEAP_TRIES times (10). It ends with 1 when the service refused, and with 75 when
it pays to try again later.

TEXT;

const XML = 'Content-Type: application/xml';
const ADVICE = [
    401 => 'Check LEAP_CLIENT and LEAP_SECRET; the client may be expired or revoked.',
    404 => 'The account is unknown or inactive: check LEAP_URL and the identifier.',
    409 => 'Another account has this: find out which of the two is meant.',
    412 => 'Somebody else changed the account: read it again and decide anew.',
];

function say(string $text): void
{
    fwrite(STDERR, "$text\n");
}

function escape(string $text): string
{
    return htmlspecialchars($text, ENT_XML1 | ENT_QUOTES);
}

/** What the service answered in the place of the expected status. */
class Refused extends Exception
{
    public string $name = '';
    public array $fields = [];

    public function __construct(public int $status, string $body)
    {
        parent::__construct();
        if (str_starts_with($body, '<')) {
            $error = new SimpleXMLElement($body);
            $this->name = $error['code'];
            $this->message = $error->message;
            foreach ($error->{'field-errors'}->field as $field) {
                $this->fields[] = "  {$field['xpath']}: {$field['errorhint']}";
            }
        }
    }

    public function isTemporary(): bool
    {
        return in_array($this->status, [0, 429, 503]) || $this->name === 'key-in-progress';
    }
}

/**
 * The API as one of its clients. Every request of this program can be repeated (see at each), so that it
 * is, where there was no answer or the service says so.
 */
class Service
{
    public function __construct(
        private string $url,
        private string $client,
        private string $secret,
        private ?string $ca,
        private int $tries,
    ) {
    }

    /** [status, headers, body] of the answer; the status is 0 where there was none. */
    private function sendOnce(string $method, string $url, ?string $body, array $headers): array
    {
        $got = [];
        $curl = curl_init($url);
        curl_setopt_array($curl, [
            CURLOPT_CUSTOMREQUEST => $method,
            CURLOPT_USERPWD => "$this->client:$this->secret",
            CURLOPT_HTTPHEADER => $headers,
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_TIMEOUT => 60,
            CURLOPT_HEADERFUNCTION => function ($curl, string $line) use (&$got): int {
                [$name, $value] = explode(':', "$line:", 2);
                $got[strtolower($name)] = trim($value, " \r\n:");
                return strlen($line);
            },
        ]);
        if ($body !== null) {
            curl_setopt($curl, CURLOPT_POSTFIELDS, $body);
        }
        if ($this->ca !== null) {
            curl_setopt($curl, CURLOPT_CAINFO, $this->ca);
        }
        $reply = curl_exec($curl);
        if ($reply === false) {
            say('crm: ' . curl_error($curl));
            return [0, [], ''];
        }
        return [curl_getinfo($curl, CURLINFO_RESPONSE_CODE), $got, $reply];
    }

    /** [headers, body] of the answer; Refused where its status is not the expected one. */
    private function send(
        int $expected,
        string $method,
        string $url,
        ?string $body = null,
        array $headers = [],
    ): array {
        for ($try = 1; ; $try++) {
            [$status, $got, $reply] = $this->sendOnce($method, $url, $body, $headers);
            if ($status === $expected) {
                return [$got, $reply];
            }
            $refused = new Refused($status, $reply);
            if (!$refused->isTemporary() || $try >= $this->tries) {
                throw $refused;
            }
            say(sprintf('crm: %03d %s, trying again', $status, $refused->name));
            sleep((int) ($got['retry-after'] ?? 1));
        }
    }

    /** With the key it can be repeated: the first answer is kept for a day. */
    public function create(string $file, string $key): void
    {
        $headers = [XML, "Idempotency-Key: $key"];
        [, $reply] = $this->send(201, 'POST', "$this->url/customers", file_get_contents($file), $headers);
        print (new SimpleXMLElement($reply))['identifier'] . "\n";
    }

    /** It can be repeated: what is set already can be set again. */
    public function extid(string $identifier, string $extid): void
    {
        $form = http_build_query(['extid' => $extid]);
        $this->send(200, 'POST', "$this->url/customers/$identifier/extid", $form);
    }

    /**
     * It can be repeated: the account is at the version only once. 412 after a lost answer may be one's
     * own change, so read the account.
     */
    public function login(string $identifier, string $version, string $email): void
    {
        $document = '<change-login><login-id>' . escape($email) . '</login-id></change-login>';
        $headers = [XML, "If-Match: \"$version\""];
        $this->send(201, 'PUT', "$this->url/customers/$identifier/change-login", $document, $headers);
    }

    /**
     * The place is the URL of the next page. It is kept only when the page was dealt with: what comes
     * twice does no harm, what is left out does.
     */
    public function follow(string $file): void
    {
        $url = file_exists($file) ? trim(file_get_contents($file)) : "$this->url/customers?changed-after=";
        while (true) {
            [$headers, $reply] = $this->send(200, 'GET', $url);
            if ($this->printAccounts($reply) === []) {
                return;
            }
            preg_match('/^<(.*)>; rel="next"$/', $headers['link'], $link);
            $url = $link[1];
            file_put_contents("$file.new", "$url\n");
            rename("$file.new", $file);
        }
    }

    /** Acknowledges the versions that it printed: an account that has changed since comes again. */
    public function poll(): void
    {
        while (true) {
            [, $reply] = $this->send(200, 'GET', "$this->url/customers?acked=false");
            $accounts = $this->printAccounts($reply);
            if ($accounts === []) {
                return;
            }
            $document = '<acknowledgements>';
            foreach ($accounts as $account) {
                $version = $account['version'];
                $identifier = $account['identifier'];
                $document .= "<acknowledgement version=\"$version\">$identifier</acknowledgement>";
            }
            $this->send(204, 'POST', "$this->url/customers/acked", "$document</acknowledgements>", [XML]);
        }
    }

    /** Prints the accounts of a list, and returns them. */
    private function printAccounts(string $reply): array
    {
        $accounts = [];
        foreach ((new SimpleXMLElement($reply))->account as $account) {
            $status = $account->{'account-status'};
            $parts = [$account['identifier'], $account['version'], $status, $account['extid']];
            print implode("\t", $parts) . "\n";
            $accounts[] = $account;
        }
        return $accounts;
    }
}

$arguments = array_slice($argv, 1);
$command = array_shift($arguments);
$counts = ['create' => 2, 'extid' => 2, 'login' => 3, 'follow' => 1, 'poll' => 0];
if (($counts[$command] ?? null) !== count($arguments)) {
    say(USAGE);
    exit(2);
}
$service = new Service(
    getenv('LEAP_URL'),
    getenv('LEAP_CLIENT'),
    getenv('LEAP_SECRET'),
    getenv('LEAP_CA') ?: null,
    (int) (getenv('LEAP_TRIES') ?: 10),
);
try {
    $service->$command(...$arguments);
} catch (Refused $refused) {
    say(sprintf('crm: %03d %s: %s', $refused->status, $refused->name, $refused->getMessage()));
    array_map(say(...), $refused->fields);
    say($refused->isTemporary() ? 'Try again later, with the same key.' : ADVICE[$refused->status] ?? '');
    exit($refused->isTemporary() ? 75 : 1);
}
