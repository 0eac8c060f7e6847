<?php
// The read and the list as a PHP service: PDO and XMLWriter under PHP-FPM.
const SPACE = 'http://schema.majitek.com/leap-ws-v1.0';

function refuse(int $status): never
{
    http_response_code($status);
    exit;
}

function rows(PDO $db, string $sql, array $parameters): array
{
    $statement = $db->prepare($sql);
    $statement->execute($parameters);
    return $statement->fetchAll(PDO::FETCH_ASSOC);
}

function stamp(string $time): string
{
    return (new DateTimeImmutable($time))->setTimezone(new DateTimeZone('UTC'))->format('Y-m-d\TH:i:s.v') . '+0000';
}

function text(XMLWriter $xml, string $name, ?string $value): void
{
    if ($value !== null) {
        $xml->writeElement($name, $value);
    }
}

function code(XMLWriter $xml, string $name, ?string $value): void
{
    if ($value !== null) {
        $xml->startElement($name);
        $xml->writeAttribute('code', $value);
        $xml->endElement();
    }
}

function address(XMLWriter $xml, string $name, array $row, string $prefix): void
{
    $parts = [$row[$prefix . '_street_address'], $row[$prefix . '_region'], $row[$prefix . '_postal_code'], $row[$prefix . '_country']];
    if (array_filter($parts, fn($part) => $part !== null) === []) {
        return;
    }
    $xml->startElement($name);
    text($xml, 'street-address', $parts[0]);
    text($xml, 'region', $parts[1]);
    text($xml, 'postal-code', $parts[2]);
    code($xml, 'country-name', $parts[3]);
    $xml->endElement();
}

function account(XMLWriter $xml, array $row, array $labels, string $base, bool $root): void
{
    $xml->startElement('account');
    if ($root) {
        $xml->writeAttribute('xmlns', SPACE);
    }
    $xml->writeAttribute('identifier', $row['identifier']);
    $xml->writeAttribute('ref', "{$base}customers/{$row['identifier']}");
    if ($row['extid'] !== null) {
        $xml->writeAttribute('extid', $row['extid']);
    }
    if ($row['unacked_since'] !== null) {
        $xml->writeAttribute('unacked-since', stamp($row['unacked_since']));
    }
    $xml->writeAttribute('version', $row['version']);
    text($xml, 'creation-time', stamp($row['creation_time']));
    text($xml, 'account-status', $row['account_status']);
    $xml->startElement('owner');
    text($xml, 'full-name', $row['given_name'] . ' ' . $row['family_name']);
    $xml->startElement('name');
    text($xml, 'family-name', $row['family_name']);
    text($xml, 'given-name', $row['given_name']);
    text($xml, 'additional-names', $row['additional_names']);
    text($xml, 'honorific-prefixes', $row['honorific_prefixes']);
    $xml->endElement();
    text($xml, 'bday', $row['bday']);
    text($xml, 'gender', $row['gender']);
    code($xml, 'nationality', $row['nationality']);
    text($xml, 'email', $row['email']);
    foreach (['pref', 'voice'] as $type) {
        if ($row["tel_$type"] !== null) {
            $xml->startElement('tel');
            $xml->writeAttribute('type', $type);
            $xml->text($row["tel_$type"]);
            $xml->endElement();
        }
    }
    address($xml, 'residential-address', $row, 'residential');
    $xml->endElement();
    address($xml, 'billing-address', $row, 'billing');
    $relations = json_decode($row['relations'] ?? '[]');
    if ($relations) {
        $xml->startElement('property-relationships');
        foreach ($relations as $identifier) {
            $xml->startElement('property-relationship');
            $xml->writeAttribute('identifier', (string) $identifier);
            $xml->writeAttribute('ref', "{$base}property-relationship/$identifier");
            $xml->endElement();
        }
        $xml->endElement();
    }
    $values = json_decode($row['additional_fields'], true);
    $xml->startElement('additional-fields');
    foreach ($labels as $label) {
        if (isset($values[$label['key']])) {
            $xml->startElement('field');
            $xml->writeAttribute('key', $label['key']);
            $xml->writeAttribute('label', $label['label']);
            $xml->text($values[$label['key']]);
            $xml->endElement();
        }
    }
    $xml->endElement();
    $xml->startElement('communities');
    foreach (json_decode($row['keys']) as $key) {
        text($xml, 'community', $key);
    }
    $xml->endElement();
    $xml->endElement();
}

$db = new PDO('pgsql:host=' . getenv('PGHOST') . ';dbname=leap;user=leap_dba', null, null, [PDO::ATTR_PERSISTENT => true,
    PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
$entered = rows($db, "SELECT c.company_id FROM leap.host_name h JOIN leap.company c USING (company_id)
    JOIN leap.api_client k USING (company_id)
    WHERE h.hostname = ? AND k.client = ? AND encode(k.secret_digest, 'hex') = ? AND c.company_status = 'Active'
      AND k.revoked IS NULL AND (k.expires IS NULL OR k.expires > now())",
    [explode(':', $_SERVER['HTTP_HOST'])[0], $_SERVER['PHP_AUTH_USER'] ?? '', hash('sha256', $_SERVER['PHP_AUTH_PW'] ?? '')]);
$entered !== [] || refuse(401);
$company = $entered[0]['company_id'];
$labels = rows($db, 'SELECT key, label FROM leap.additional_field WHERE company_id = ? ORDER BY position', [$company]);
$base = "https://{$_SERVER['HTTP_HOST']}/api/v1/";
$select = 'SELECT a.*, array_to_json(a.communities) AS keys,
    (SELECT json_agg(r.identifier ORDER BY r.identifier) FROM leap.property_relationship r
     WHERE r.company_id = a.company_id AND r.account_identifier = a.identifier) AS relations
    FROM leap.account a WHERE a.company_id = ? ';
$path = substr(parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH), strlen('/api/v1/customers'));
$xml = new XMLWriter();
$xml->openMemory();
$xml->setIndent(true);
$xml->setIndentString('    ');
$xml->startDocument('1.0', 'UTF-8');
if ($path === '') {
    $xml->startElement('accounts');
    $xml->writeAttribute('xmlns', SPACE);
    foreach (rows($db, $select . 'AND a.identifier > ? ORDER BY a.identifier LIMIT 100', [$company, $_GET['after'] ?? 0]) as $row) {
        account($xml, $row, $labels, $base, false);
    }
    $xml->endElement();
} else {
    $found = rows($db, $select . "AND a.identifier = ? AND a.account_status = 'Active'", [$company, (int) substr($path, 1)]);
    $found !== [] || refuse(404);
    account($xml, $found[0], $labels, $base, true);
}
$xml->endDocument();
header('Content-Type: application/xml; charset=UTF-8');
echo $xml->outputMemory();
