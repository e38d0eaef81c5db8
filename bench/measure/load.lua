-- For wrk: the request comes from the environment and is formatted once; the result goes to standard
-- error as one line of JSON.
local function from_environment(name)
  local value = os.getenv(name)
  if value == "" then return nil end
  return value
end

wrk.method = from_environment("LOAD_METHOD") or "GET"
wrk.headers["User-Agent"] = "load/1"
wrk.headers["Accept"] = "application/json, */*"
wrk.headers["Accept-Encoding"] = "identity"
wrk.headers["Authorization"] = "Bearer c2FsbHlwb3J0LWJlbmNobWFyay10b2tlbi0wMDAx"
if from_environment("LOAD_CLOSE") then wrk.headers["Connection"] = "close" end

local body = from_environment("LOAD_BODY")
if body then
  local file = assert(io.open(body, "rb"))
  wrk.body = file:read("*a")
  wrk.headers["Content-Type"] = "application/json"
  file:close()
end

-- A file with a token a line: each request carries the next.
local tokens = from_environment("LOAD_TOKENS")
local requests, turn = {}, 0
function init()
  if not tokens then return end
  for token in io.lines(tokens) do
    wrk.headers["Authorization"] = "Bearer " .. token
    requests[#requests + 1] = wrk.format()
  end
end
if tokens then
  function request()
    turn = turn % #requests + 1
    return requests[turn]
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.stderr:write(string.format(
    '{"requests": %d, "microseconds": %d, "connect": %d, "read": %d, "write": %d, "status": %d, ' ..
    '"timeout": %d, "p50": %d, "p99": %d}\n',
    summary.requests, summary.duration, errors.connect, errors.read, errors.write, errors.status,
    errors.timeout, latency:percentile(50), latency:percentile(99)))
end
