// An OAuth client as others write it, with the library that is named: finds the issuer's endpoints,
// proves who it is, asks for a token, and gives it back if that is asked for.
import { webcrypto } from 'node:crypto'
import * as library from 'openid-client'
import * as oauth from 'oauth4webapi'

globalThis.crypto ??= webcrypto // before Node 20
const what = JSON.parse(process.argv[2])
const issuer = new URL(what.issuer)

async function privateKey() {
  const { alg, ...jwk } = what.jwk
  const algorithm = { ES256: { name: 'ECDSA', namedCurve: 'P-256' },
                      EdDSA: { name: 'Ed25519' },
                      RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } }[alg]
  const key = await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['sign'])
  return { key, kid: jwk.kid }
}

async function authentication(of) {
  switch (what.way) {
    case 'client_secret_basic': return of.ClientSecretBasic(what.secret)
    case 'client_secret_post': return of.ClientSecretPost(what.secret)
    case 'private_key_jwt': return of.PrivateKeyJwt(await privateKey())
  }
  throw new Error('no such way')
}

const parameters = {}
if (what.scope) parameters.scope = what.scope
if (what.resource) parameters.resource = what.resource

async function withOpenidClient() {
  const config = await library.discovery(issuer, what.client, undefined,
    await authentication(library),
    { execute: [library.allowInsecureRequests], algorithm: what.algorithm || 'oauth2' })
  const tokens = await library.clientCredentialsGrant(config, parameters)
  if (what.revoke) await library.tokenRevocation(config, tokens.access_token)
  return { server: config.serverMetadata(), tokens }
}

async function withOauth4webapi() {
  const insecure = { [oauth.allowInsecureRequests]: true }
  const found = await oauth.discoveryRequest(issuer,
    { ...insecure, algorithm: what.algorithm || 'oauth2' })
  const server = await oauth.processDiscoveryResponse(issuer, found)
  const client = { client_id: what.client }
  const proof = await authentication(oauth)
  const asked = await oauth.clientCredentialsGrantRequest(server, client, proof,
    new URLSearchParams(parameters), insecure)
  const tokens = await oauth.processClientCredentialsResponse(server, client, asked)
  // As a resource server would, with keys from the issuer (RFC 9068).
  const request = new Request(what.audience,
    { headers: { authorization: `Bearer ${tokens.access_token}` } })
  const claims = await oauth.validateJwtAccessToken(server, request, what.audience, insecure)
  if (what.revoke) {
    await oauth.processRevocationResponse(
      await oauth.revocationRequest(server, client, proof, tokens.access_token, insecure))
  }
  return { server, tokens, claims }
}

try {
  const done = what.library === 'openid-client' ? await withOpenidClient() : await withOauth4webapi()
  console.log(JSON.stringify(done))
} catch (error) {
  console.log(JSON.stringify({ error: error.error ?? error.code ?? error.message,
                               status: error.status, message: error.message,
                               cause: String(error.cause?.error ?? error.cause ?? '') }))
}
