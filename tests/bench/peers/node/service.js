// The read and the list as a Node service: pg and xmlbuilder2, a process for each processor.
const cluster = require('node:cluster')
const crypto = require('node:crypto')
const fs = require('node:fs')
const http = require('node:http')
const os = require('node:os')
const { Pool } = require('pg')
const { create } = require('xmlbuilder2')

const SPACE = 'http://schema.majitek.com/leap-ws-v1.0'
const ENTER = `SELECT c.company_id FROM leap.host_name h JOIN leap.company c USING (company_id)
    JOIN leap.api_client k USING (company_id)
    WHERE h.hostname = $1 AND k.client = $2 AND k.secret_digest = $3 AND c.company_status = 'Active'
      AND k.revoked IS NULL AND (k.expires IS NULL OR k.expires > now())`
const LABELS = 'SELECT key, label FROM leap.additional_field WHERE company_id = $1 ORDER BY position'
const SELECT = `SELECT a.*, a.bday::text AS birthday, a.additional_fields::jsonb AS fields,
    ARRAY(SELECT r.identifier FROM leap.property_relationship r
          WHERE r.company_id = $1 AND r.account_identifier = a.identifier ORDER BY r.identifier) AS relations
    FROM leap.account a WHERE a.company_id = $1 `

const stamp = (time) => time.toISOString().replace('Z', '+0000')
const code = (value) => (value === null ? undefined : { '@code': value })
const text = (value) => (value === null ? undefined : value)

function address(row, prefix) {
    const parts = ['street_address', 'region', 'postal_code', 'country'].map((part) => row[`${prefix}_${part}`])
    if (parts.every((part) => part === null)) return undefined
    return {
        'street-address': text(parts[0]), region: text(parts[1]), 'postal-code': text(parts[2]), 'country-name': code(parts[3]),
    }
}

function account(row, labels, base) {
    const tels = ['pref', 'voice'].filter((type) => row[`tel_${type}`] !== null)
    return {
        '@identifier': row.identifier,
        '@ref': `${base}customers/${row.identifier}`,
        ...(row.extid === null ? {} : { '@extid': row.extid }),
        ...(row.unacked_since === null ? {} : { '@unacked-since': stamp(row.unacked_since) }),
        '@version': row.version,
        'creation-time': stamp(row.creation_time),
        'account-status': row.account_status,
        owner: {
            'full-name': `${row.given_name} ${row.family_name}`,
            name: {
                'family-name': text(row.family_name), 'given-name': text(row.given_name),
                'additional-names': text(row.additional_names), 'honorific-prefixes': text(row.honorific_prefixes),
            },
            bday: text(row.birthday),
            gender: text(row.gender),
            nationality: code(row.nationality),
            email: text(row.email),
            tel: tels.map((type) => ({ '@type': type, '#': row[`tel_${type}`] })),
            'residential-address': address(row, 'residential'),
        },
        'billing-address': address(row, 'billing'),
        'property-relationships': row.relations.length === 0 ? undefined : {
            'property-relationship': row.relations.map((identifier) => ({
                '@identifier': identifier, '@ref': `${base}property-relationship/${identifier}`,
            })),
        },
        'additional-fields': {
            field: labels.filter((label) => label.key in row.fields)
                .map((label) => ({ '@key': label.key, '@label': label.label, '#': row.fields[label.key] })),
        },
        communities: { community: row.communities },
    }
}

async function handle(pool, request, response) {
    const [client, secret] = Buffer.from((request.headers.authorization || '').slice(6), 'base64').toString().split(':')
    const digest = crypto.createHash('sha256').update(secret || '').digest()
    const entered = await pool.query({ name: 'enter', text: ENTER, values: [request.headers.host.split(':')[0], client, digest] })
    if (entered.rows.length === 0) return response.writeHead(401).end()
    const company = entered.rows[0].company_id
    const labels = (await pool.query({ name: 'labels', text: LABELS, values: [company] })).rows
    const url = new URL(request.url, `https://${request.headers.host}`)
    const path = url.pathname.slice('/api/v1/customers'.length)
    const base = `https://${request.headers.host}/api/v1/`
    let document
    if (path === '') {
        const found = await pool.query({
            name: 'list', text: `${SELECT} AND a.identifier > $2 ORDER BY a.identifier LIMIT 100`,
            values: [company, url.searchParams.get('after') || 0],
        })
        document = { accounts: { '@xmlns': SPACE, account: found.rows.map((row) => account(row, labels, base)) } }
    } else {
        const found = await pool.query({
            name: 'read', text: `${SELECT} AND a.identifier = $2 AND a.account_status = 'Active'`, values: [company, path.slice(1)],
        })
        if (found.rows.length === 0) return response.writeHead(404).end()
        document = { account: { '@xmlns': SPACE, ...account(found.rows[0], labels, base) } }
    }
    response.writeHead(200, { 'Content-Type': 'application/xml; charset=UTF-8' })
    response.end(create({ version: '1.0', encoding: 'UTF-8' }, document).end({ prettyPrint: true, indent: '    ' }))
}

if (cluster.isPrimary) {
    os.cpus().forEach(() => cluster.fork())
    process.on('SIGTERM', () => { for (const worker of Object.values(cluster.workers)) worker.kill(); process.exit(0) })
} else {
    const pool = new Pool({ max: 4 })
    http.createServer((request, response) => {
        handle(pool, request, response).catch(() => response.writeHead(500).end())
    }).listen(process.argv[2], () => fs.chmodSync(process.argv[2], 0o666))
}
