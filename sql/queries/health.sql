-- Reaches the database, and learns since when the oldest transaction that writes is open, in milliseconds.
SELECT round(extract(epoch FROM leap.oldest_write_age()) * 1000);
