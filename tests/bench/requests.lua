-- wrk's requests: METHOD, a path of the file PATHS each time, and BODY with a number of its own for each %d.
local paths = {}
for line in io.lines(os.getenv("PATHS")) do paths[#paths + 1] = line end
local method, body = os.getenv("METHOD") or "GET", os.getenv("BODY")
local n = tonumber(os.getenv("FROM") or "0")
local headers = { ["Authorization"] = os.getenv("AUTHORIZATION"), ["Host"] = os.getenv("HOST") }
if body then headers["Content-Type"] = "application/xml" end

request = function()
    n = n + 1
    return wrk.format(method, paths[n * 7919 % #paths + 1], headers, body and body:gsub("%%d", n) or nil)
end

done = function(summary, latency)
    io.write(string.format("RESULT %f %f %d %d\n", summary.requests / summary.duration * 1e6,
        latency:percentile(99) / 1000, summary.requests,
        summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
