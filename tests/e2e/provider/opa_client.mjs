// The client that the makers of Open Policy Agent give out: what the agent at `url` decides.
import { OPAClient } from '@open-policy-agent/opa'

const what = JSON.parse(process.argv[2])
try {
  const result = await new OPAClient(what.url).evaluate(what.decision, what.input)
  console.log(JSON.stringify({ result }))
} catch (error) {
  console.log(JSON.stringify({ error: error.message }))
}
