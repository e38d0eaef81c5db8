// An OpenID Provider for the tests of logins: oidc-provider, which keeps everything in memory, lets
// anybody in, and asks for no consent. Its one argument is JSON: port, jwks, client, ttl, groups (by
// user, else staff).
import Provider from 'oidc-provider';

const { port, jwks, client, ttl, groups = {} } = JSON.parse(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;

const provider = new Provider(issuer, {
  jwks,
  clients: [client],
  cookies: { keys: ['for these tests only'] },
  claims: { openid: ['sub', 'sid'], profile: ['name', 'groups', 'roles'] },
  conformIdTokenClaims: false,
  features: {
    backchannelLogout: { enabled: true },
    devInteractions: { enabled: true },
    rpInitiatedLogout: {
      // What a user would answer.
      logoutSource: async (ctx, form) => {
        ctx.body = `<!doctype html><title>Log out</title>${form}
          <button type="submit" form="op.logoutForm" value="yes" name="logout">Yes</button>`;
      },
    },
  },
  ttl: { AccessToken: ttl, IdToken: 3600, RefreshToken: 3600, Session: 3600, Grant: 3600,
         Interaction: 600 },
  issueRefreshToken: async () => true,
  rotateRefreshToken: true,
  findAccount: async (ctx, id) => ({
    accountId: id,
    claims: async () => ({ sub: id, name: `Name of ${id}`, groups: groups[id] ?? ['staff'], roles: ['reader'] }),
  }),
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope('openid profile offline_access');
    await grant.save();
    return grant;
  },
});

// What happened, for the tests to count.
const seen = { grants: [], backchannel: [] };
provider.on('grant.success', (ctx) => seen.grants.push(ctx.oidc.params.grant_type));
provider.on('grant.error', (ctx, error) => seen.grants.push(`${error.error}`));
provider.on('backchannel.success', () => seen.backchannel.push('ok'));
provider.on('backchannel.error', (ctx, error) => seen.backchannel.push(`${error} ${error.cause ?? ''}`));
provider.on('server_error', (ctx, error) => console.error(error));
provider.use(async (ctx, next) => {
  if (ctx.path === '/seen') {
    ctx.body = seen;
    return;
  }
  await next();
});

provider.listen(port, '127.0.0.1', () => console.log('ready'));
