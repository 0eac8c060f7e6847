// The read and the list as a Go service: net/http, pgx, encoding/xml.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/xml"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v4/pgxpool"
)

const namespace = "http://schema.majitek.com/leap-ws-v1.0"

const enter = `SELECT c.company_id FROM leap.host_name h
JOIN leap.company c USING (company_id) JOIN leap.api_client k USING (company_id)
WHERE h.hostname = $1 AND k.client = $2 AND k.secret_digest = $3 AND c.company_status = 'Active'
  AND k.revoked IS NULL AND (k.expires IS NULL OR k.expires > now())`

const columns = `SELECT a.identifier, a.extid, a.creation_time, a.account_status, a.family_name, a.given_name,
a.additional_names, a.honorific_prefixes, a.bday::text, a.gender, a.nationality, a.email, a.tel_pref, a.tel_voice,
a.residential_street_address, a.residential_region, a.residential_postal_code, a.residential_country,
a.billing_street_address, a.billing_region, a.billing_postal_code, a.billing_country, a.additional_fields::jsonb,
a.communities, a.unacked_since, a.version,
ARRAY(SELECT r.identifier FROM leap.property_relationship r
      WHERE r.company_id = $1 AND r.account_identifier = a.identifier ORDER BY r.identifier)
FROM leap.account a WHERE a.company_id = $1 `

type country struct {
	Code string `xml:"code,attr"`
}

type tel struct {
	Type  string `xml:"type,attr"`
	Value string `xml:",chardata"`
}

type address struct {
	Street  *string  `xml:"street-address"`
	Region  *string  `xml:"region"`
	Postal  *string  `xml:"postal-code"`
	Country *country `xml:"country-name"`
}

type field struct {
	Key   string `xml:"key,attr"`
	Label string `xml:"label,attr"`
	Value string `xml:",chardata"`
}

type relationship struct {
	Identifier int64  `xml:"identifier,attr"`
	Ref        string `xml:"ref,attr"`
}

type account struct {
	XMLName     xml.Name       `xml:"account"`
	Namespace   string         `xml:"xmlns,attr,omitempty"`
	Identifier  int64          `xml:"identifier,attr"`
	Ref         string         `xml:"ref,attr"`
	Extid       *string        `xml:"extid,attr"`
	Unacked     *string        `xml:"unacked-since,attr"`
	Version     int64          `xml:"version,attr"`
	Created     string         `xml:"creation-time"`
	Status      string         `xml:"account-status"`
	FullName    string         `xml:"owner>full-name"`
	Family      *string        `xml:"owner>name>family-name"`
	Given       *string        `xml:"owner>name>given-name"`
	Additional  *string        `xml:"owner>name>additional-names"`
	Prefixes    *string        `xml:"owner>name>honorific-prefixes"`
	Bday        *string        `xml:"owner>bday"`
	Gender      *string        `xml:"owner>gender"`
	Nationality *country       `xml:"owner>nationality"`
	Email       *string        `xml:"owner>email"`
	Tels        []tel          `xml:"owner>tel"`
	Residential *address       `xml:"owner>residential-address"`
	Billing     *address       `xml:"billing-address"`
	Relations   []relationship `xml:"property-relationships>property-relationship"`
	Fields      []field        `xml:"additional-fields>field"`
	Communities []string       `xml:"communities>community"`
}

type accounts struct {
	XMLName   xml.Name  `xml:"accounts"`
	Namespace string    `xml:"xmlns,attr"`
	Accounts  []account `xml:"account"`
}

type label struct{ key, label string }

var pool *pgxpool.Pool

func stamp(t time.Time) string {
	return t.UTC().Format("2006-01-02T15:04:05.000+0000")
}

func countryOf(code *string) *country {
	if code == nil {
		return nil
	}
	return &country{*code}
}

func addressOf(street, region, postal, code *string) *address {
	if street == nil && region == nil && postal == nil && code == nil {
		return nil
	}
	return &address{street, region, postal, countryOf(code)}
}

func authenticate(r *http.Request) (int, bool) {
	client, secret, ok := r.BasicAuth()
	if !ok {
		return 0, false
	}
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	digest := sha256.Sum256([]byte(secret))
	var company int
	err = pool.QueryRow(r.Context(), enter, host, client, digest[:]).Scan(&company)
	return company, err == nil
}

func labelsOf(ctx context.Context, company int) ([]label, error) {
	rows, err := pool.Query(ctx, "SELECT key, label FROM leap.additional_field WHERE company_id = $1 ORDER BY position", company)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var labels []label
	for rows.Next() {
		var one label
		if err := rows.Scan(&one.key, &one.label); err != nil {
			return nil, err
		}
		labels = append(labels, one)
	}
	return labels, rows.Err()
}

func read(r *http.Request, company int, where string, arguments ...interface{}) ([]account, error) {
	labels, err := labelsOf(r.Context(), company)
	if err != nil {
		return nil, err
	}
	rows, err := pool.Query(r.Context(), columns+where, append([]interface{}{company}, arguments...)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	base := "https://" + r.Host + "/api/v1/"
	var found []account
	for rows.Next() {
		var a account
		var created time.Time
		var unacked *time.Time
		var nationality, pref, voice *string
		var street, region, postal, code, bstreet, bregion, bpostal, bcode *string
		var values map[string]string
		var relations []int64
		if err := rows.Scan(&a.Identifier, &a.Extid, &created, &a.Status, &a.Family, &a.Given, &a.Additional, &a.Prefixes,
			&a.Bday, &a.Gender, &nationality, &a.Email, &pref, &voice, &street, &region, &postal, &code, &bstreet, &bregion,
			&bpostal, &bcode, &values, &a.Communities, &unacked, &a.Version, &relations); err != nil {
			return nil, err
		}
		a.Ref = base + "customers/" + strconv.FormatInt(a.Identifier, 10)
		a.Created = stamp(created)
		if unacked != nil {
			text := stamp(*unacked)
			a.Unacked = &text
		}
		if a.Given != nil && a.Family != nil {
			a.FullName = *a.Given + " " + *a.Family
		}
		a.Nationality = countryOf(nationality)
		if pref != nil {
			a.Tels = append(a.Tels, tel{"pref", *pref})
		}
		if voice != nil {
			a.Tels = append(a.Tels, tel{"voice", *voice})
		}
		a.Residential = addressOf(street, region, postal, code)
		a.Billing = addressOf(bstreet, bregion, bpostal, bcode)
		for _, identifier := range relations {
			a.Relations = append(a.Relations, relationship{identifier, fmt.Sprintf("%sproperty-relationship/%d", base, identifier)})
		}
		for _, one := range labels {
			if value, ok := values[one.key]; ok {
				a.Fields = append(a.Fields, field{one.key, one.label, value})
			}
		}
		found = append(found, a)
	}
	return found, rows.Err()
}

func answer(w http.ResponseWriter, document interface{}) {
	body, err := xml.MarshalIndent(document, "", "    ")
	if err != nil {
		http.Error(w, "internal", 500)
		return
	}
	w.Header().Set("Content-Type", "application/xml; charset=UTF-8")
	w.Write([]byte(xml.Header))
	w.Write(body)
}

func handle(w http.ResponseWriter, r *http.Request) {
	company, ok := authenticate(r)
	if !ok {
		w.Header().Set("WWW-Authenticate", `Basic realm="leap-ws"`)
		http.Error(w, "unauthenticated", 401)
		return
	}
	path := strings.TrimPrefix(r.URL.Path, "/api/v1/customers")
	if path == "" {
		after, _ := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64)
		found, err := read(r, company, "AND a.identifier > $2 ORDER BY a.identifier LIMIT 100", after)
		if err != nil {
			http.Error(w, "internal", 500)
			return
		}
		answer(w, accounts{Namespace: namespace, Accounts: found})
		return
	}
	identifier, _ := strconv.ParseInt(strings.TrimPrefix(path, "/"), 10, 64)
	found, err := read(r, company, "AND a.identifier = $2 AND a.account_status = 'Active'", identifier)
	if err != nil || len(found) == 0 {
		http.Error(w, "not found", 404)
		return
	}
	found[0].Namespace = namespace
	answer(w, found[0])
}

func main() {
	var err error
	if pool, err = pgxpool.Connect(context.Background(), ""); err != nil {
		panic(err)
	}
	listener, err := net.Listen("unix", os.Args[1])
	if err != nil {
		panic(err)
	}
	os.Chmod(os.Args[1], 0666)
	panic(http.Serve(listener, http.HandlerFunc(handle)))
}
