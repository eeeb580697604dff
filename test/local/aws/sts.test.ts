import {
  GetCallerIdentityCommand,
  GetSessionTokenCommand,
  GetWebIdentityTokenCommand,
  type GetWebIdentityTokenCommandInput,
  STSClient,
} from '@aws-sdk/client-sts';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { AwsEndpointOptions } from '../../../local/aws/endpoint.ts';
import { AwsError } from '../../../local/aws/wire/error-answer.ts';
import { clientSettings, runningEndpoint } from './support/running-endpoint.ts';

const ROLE = 'arn:aws:iam::000000000000:role/refresher';

async function running(options: Partial<AwsEndpointOptions> = {}) {
  const { endpoint, clock } = await runningEndpoint(options);
  const client = new STSClient(clientSettings(endpoint));
  onTestFinished(() => client.destroy());
  const token = (input: Partial<GetWebIdentityTokenCommandInput> = {}) =>
    client.send(
      new GetWebIdentityTokenCommand({
        Audience: ['https://a.example'],
        SigningAlgorithm: 'RS256',
        ...input,
      }),
    );
  return { endpoint, clock, client, token };
}

describe('GetCallerIdentity', () => {
  it('says who a person is, and which role a function has', async () => {
    const { client } = await running();
    expect(await client.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: '000000000000',
      Arn: 'arn:aws:iam::000000000000:user/local',
    });
    const ofRole = await running({ roleOf: () => ROLE });
    expect(await ofRole.client.send(new GetCallerIdentityCommand({}))).toMatchObject({ Arn: ROLE });
  });
});

describe('GetWebIdentityToken', () => {
  it.each(['RS256', 'ES384'])('by %s can be verified by whoever asks its issuer', async (alg) => {
    const { endpoint, clock, token } = await running({
      roleOf: (accessKeyId) => (accessKeyId === 'local' ? ROLE : undefined),
    });
    const { WebIdentityToken = '', Expiration } = await token({ SigningAlgorithm: alg, DurationSeconds: 60 });
    const metadata = await fetch(`${endpoint.identityIssuer}/.well-known/openid-configuration`);
    const { issuer, jwks_uri } = (await metadata.json()) as Record<'issuer' | 'jwks_uri', string>;
    expect(issuer).toBe(endpoint.identityIssuer);
    const { payload, protectedHeader } = await jwtVerify(
      WebIdentityToken,
      createRemoteJWKSet(new URL(jwks_uri)),
      { issuer, audience: 'https://a.example', currentDate: new Date(clock.at) },
    );
    const now = clock.at / 1000;
    expect(protectedHeader.alg).toBe(alg);
    expect(payload).toEqual({
      iss: issuer,
      sub: ROLE,
      aud: 'https://a.example',
      iat: now,
      exp: now + 60,
      jti: expect.any(String),
      'https://sts.amazonaws.com/': {
        aws_account: '000000000000',
        source_region: 'us-east-1',
        principal_id: ROLE,
      },
    });
    expect(Expiration).toEqual(new Date((now + 60) * 1000));
    expect(endpoint.calls.all.at(-1)).toMatchObject({
      service: 'sts',
      operation: 'GetWebIdentityToken',
      resource: 'https://a.example',
    });
  });

  it('is another one each time, lives five minutes where nobody says, and may have several audiences', async () => {
    const { token } = await running();
    const claims = async (input = {}) =>
      JSON.parse(
        Buffer.from((await token(input)).WebIdentityToken?.split('.')[1] ?? '', 'base64url').toString(),
      );
    const [one, other] = [await claims(), await claims({ Audience: ['a', 'b&<'] })];
    expect(one.exp - one.iat).toBe(300);
    expect(other.aud).toEqual(['a', 'b&<']);
    expect(other.jti).not.toBe(one.jti);
  });

  it('is refused in AWS’s XML', async () => {
    const { endpoint, client, token } = await running();
    await expect(token({ DurationSeconds: 59 })).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(token({ SigningAlgorithm: 'HS256' })).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(token({ Tags: [{ Key: 'a', Value: 'b' }] })).rejects.toThrow('does not serve');
    await expect(client.send(new GetSessionTokenCommand({}))).rejects.toThrow(
      'does not serve the operation GetSessionToken of sts',
    );
    endpoint.inject = () => ({ before: new AwsError('Throttling', 'Rate <exceeded>', 400) });
    await expect(token()).rejects.toMatchObject({ name: 'Throttling', message: 'Rate <exceeded>' });
  });

  it('is given to nobody who does not sign, and the key set to everybody but web pages', async () => {
    const { endpoint } = await running();
    const jwks = `${endpoint.identityIssuer}/.well-known/jwks.json`;
    const { keys } = (await (await fetch(jwks)).json()) as { keys: { alg: string; d?: string }[] };
    expect(keys.map(({ alg, d }) => [alg, d])).toEqual([
      ['RS256', undefined],
      ['ES384', undefined],
    ]);
    expect((await fetch(jwks, { headers: { origin: 'https://evil.example' } })).status).toBe(403);
    const body = 'Action=GetWebIdentityToken&Version=2011-06-15&Audience.member.1=a&SigningAlgorithm=RS256';
    const unsigned = await fetch(endpoint.url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body,
    });
    expect(unsigned.status).toBe(403);
    expect(await unsigned.text()).toContain('<Code>MissingAuthenticationTokenException</Code>');
  });
});
