// An OAuth client that uses a token bound to its key, as others write it, with the library that is
// named: so many requests one behind the other, and the status of each. What a library does about
// nonces by itself it does; oauth4webapi leaves it to its user to ask once more.
import { webcrypto } from 'node:crypto'
import * as library from 'openid-client'
import * as oauth from 'oauth4webapi'

globalThis.crypto ??= webcrypto // before Node 20
const what = JSON.parse(process.argv[2])
const url = new URL(what.url)
const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
const { d, ...open } = what.jwk
const pair = {
  privateKey: await crypto.subtle.importKey('jwk', { ...open, d }, algorithm, false, ['sign']),
  publicKey: await crypto.subtle.importKey('jwk', open, algorithm, true, ['verify']),
}
let sent = 0
const counting = (...asked) => { ++sent; return fetch(...asked) }

function withOpenidClient() {
  const config = new library.Configuration({ issuer: what.issuer }, 'app')
  library.allowInsecureRequests(config)
  config[library.customFetch] = counting
  const DPoP = library.getDPoPHandle(config, pair)
  return () => library.fetchProtectedResource(config, what.token, url, 'GET', undefined, undefined,
    { DPoP })
}

function withOauth4webapi() {
  const options = { DPoP: oauth.DPoP({ client_id: 'app' }, pair), [oauth.customFetch]: counting,
                    [oauth.allowInsecureRequests]: true }
  const ask = () => oauth.protectedResourceRequest(what.token, 'GET', url, undefined, undefined,
    options)
  return async () => {
    try {
      return await ask()
    } catch (error) {
      if (!oauth.isDPoPNonceError(error)) throw error
      return ask()
    }
  }
}

try {
  const ask = what.library === 'openid-client' ? withOpenidClient() : withOauth4webapi()
  const statuses = []
  for (let i = 0; i < what.requests; ++i) statuses.push((await ask()).status)
  console.log(JSON.stringify({ statuses, sent }))
} catch (error) {
  console.log(JSON.stringify({ error: error.error ?? error.code ?? error.message, sent,
                               status: error.status, message: error.message }))
}
