-- Verify leap-ws:country on pg

DO $$
BEGIN
    ASSERT (SELECT count(*) FROM leap.country WHERE code IN ('AU', 'NZ', 'CI')) = 3,
        'countries are missing';
    ASSERT has_column_privilege('leap_api', 'leap.country', 'code', 'SELECT'),
        'leap_api cannot read the codes';
END
$$;
