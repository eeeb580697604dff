import { describe, expect, it } from 'vitest';
import { findAuthorizationUrl } from '../../../cli/init/find-authorization-url.ts';
import type { IssuerMetadata } from '../../../functions/oauth/discovery/issuer-metadata.ts';
import { TokenError } from '../../../functions/oauth/token-error.ts';

/** Issuers and what they publish; what is asked for besides has no metadata. */
function world(published: Readonly<Record<string, Partial<IssuerMetadata> | TokenError>>) {
  const asked: string[] = [];
  const metadata = async (issuer: string): Promise<IssuerMetadata> => {
    asked.push(issuer);
    const found = published[issuer];
    if (found instanceof TokenError) throw found;
    if (found === undefined) throw new TokenError('unsure', 'metadata_not_found', 'nothing there');
    return { issuer, token_endpoint: '', authorization_response_iss_parameter_supported: false, ...found };
  };
  return { asked, find: (tokenUrl: string) => findAuthorizationUrl(tokenUrl, { metadata }) };
}

describe('where a person signs in is found where the metadata of an issuer names the very token endpoint', () => {
  const authorization_endpoint = 'https://idp.example.com/authorize';
  it.each([
    ['https://idp.example.com/token', 'https://idp.example.com'],
    ['https://idp.example.com/oauth/token', 'https://idp.example.com/'],
    ['https://idp.example.com/oauth2/default/v1/token', 'https://idp.example.com/oauth2/default'],
    [
      'https://idp.example.com/realms/acme/protocol/openid-connect/token',
      'https://idp.example.com/realms/acme',
    ],
  ])('%s by %s', async (token_endpoint, issuer) => {
    const { find } = world({ [issuer]: { token_endpoint, authorization_endpoint } });
    expect(await find(token_endpoint)).toBe(authorization_endpoint);
  });

  it('and is not believed of another token endpoint, nor where it cannot be used', async () => {
    const tokenUrl = 'https://idp.example.com/token';
    const issuer = 'https://idp.example.com';
    const another = { token_endpoint: 'https://idp.example.com/another', authorization_endpoint };
    expect(await world({ [issuer]: another }).find(tokenUrl)).toBeUndefined();
    const insecure = { token_endpoint: tokenUrl, authorization_endpoint: 'http://idp.example.com/authorize' };
    expect(await world({ [issuer]: insecure }).find(tokenUrl)).toBeUndefined();
    expect(await world({ [issuer]: { token_endpoint: tokenUrl } }).find(tokenUrl)).toBeUndefined();
  });

  it('and a host that nobody answers at is asked once', async () => {
    const down = new TokenError('never-sent', 'name_lookup_failed', 'no such host');
    const { asked, find } = world({ 'https://idp.example.com': down });
    expect(await find('https://idp.example.com/a/b/token')).toBeUndefined();
    expect(asked).toEqual(['https://idp.example.com']);
  });

  it('and nothing is asked of what is no endpoint', async () => {
    const { asked, find } = world({});
    expect(await find('http://idp.example.com/token')).toBeUndefined();
    expect(asked).toEqual([]);
  });
});
