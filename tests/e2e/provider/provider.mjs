// An OpenID Provider that issues opaque access tokens to clients and says what they mean (RFC 7662).
// Prints its URL once it listens on a port of its own. Ends with its standard input.
import http from 'node:http';
import Provider from 'oidc-provider';

const resources = {
  'urn:orders': {scope: 'orders:read orders:write', audience: 'urn:orders', accessTokenFormat: 'opaque', accessTokenTTL: 3600},
  'urn:brief': {scope: 'orders:read', audience: 'urn:brief', accessTokenFormat: 'opaque', accessTokenTTL: 2},
};
const grants = {grant_types: ['client_credentials'], redirect_uris: [], response_types: []};

const server = http.createServer();
server.listen(0, '127.0.0.1', () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(url, {
    clients: [
      {client_id: 'shop', client_secret: 'shop-secret', ...grants},
      {client_id: 'gateway', client_secret: 'gate way:/+secret', ...grants},
    ],
    scopes: ['orders:read', 'orders:write'],
    features: {
      devInteractions: {enabled: false},
      clientCredentials: {enabled: true},
      introspection: {enabled: true},
      revocation: {enabled: true},
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, indicator) => {
          if (!(indicator in resources)) throw new Error('invalid_target');
          return resources[indicator];
        },
      },
    },
    ttl: {ClientCredentials: (_, token) => token.resourceServer?.accessTokenTTL ?? 3600},
  });
  server.on('request', provider.callback());
  console.log(url);
});
process.stdin.resume().on('end', () => process.exit(0));
