"""What holds while something is broken: the bounds that the tests of faults share."""

# Seconds until the service is back, once what it needs is.
RETURN = 2.0
# Seconds until a request is answered whatever the database does. It is five; the web server, TLS and a machine that is busy
# with the test itself take what is beyond.
PATIENCE = 5.5
# What was refused has not happened either so many seconds later.
LATER = 60
# Requests enough that each worker gets one.
WORKERS = 12
