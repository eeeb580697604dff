import { ConnectionError } from '../../functions/connections/connection-error.ts';
import type { ProviderPreset } from '../../functions/connections/provider-preset.ts';
import { assertionFor } from '../../functions/oauth/request/assertion.ts';
import { selfIssuedToken } from '../../functions/oauth/request/self-issued-token.ts';
import { buildTokenRequest } from '../../functions/oauth/request/token-request.ts';
import { TokenError } from '../../functions/oauth/token-error.ts';
import { compareOutcome, compareToken } from './compare-outcome.ts';
import { compareAssertion, compareRequest, jwtIn } from './compare-request.ts';
import {
  EXAMPLE_NOW,
  exampleConnection,
  exampleContext,
  exampleInput,
  sendsNothing,
} from './example-exchange.ts';
import { type ExampleIdentity, exampleIdentity, type FakeSecret } from './example-identity.ts';
import type { PresetExample } from './preset-example.ts';

/**
 * Replays one recorded exchange of a preset: builds the request as a connection would, compares it with the recorded
 * one to the byte, and judges the recorded answer as a refresh would. Nothing is sent.
 * @param fake makes the secrets that the templates of the example stand for
 * @returns what differs, in a sentence each, with expected and found; secrets stand there as their templates
 */
export async function replayExample(
  preset: ProviderPreset,
  example: PresetExample,
  fake: FakeSecret,
): Promise<readonly string[]> {
  const algorithm = assertionFor(example.grant, preset.request)?.algorithms?.[0] ?? 'RS256';
  const identity = exampleIdentity(fake, algorithm, fieldsNamedIn([preset, example]));
  try {
    return sendsNothing(preset, example)
      ? await replayUnsent(preset, example, identity)
      : await replaySent(preset, example, identity);
  } catch (error) {
    if (error instanceof ConnectionError)
      return [`the connection of the example cannot be used: ${error.message}`];
    if (error instanceof TokenError) return [`nothing could be asked for: ${error.message}`];
    throw error;
  }
}

async function replaySent(
  preset: ProviderPreset,
  example: PresetExample,
  identity: ExampleIdentity,
): Promise<readonly string[]> {
  const connection = exampleConnection(preset, example);
  const input = exampleInput(connection, preset, example, identity);
  const request = await buildTokenRequest(input, exampleContext(identity));
  const values = {
    ...identity.values,
    basic: basicPair(identity, connection.request.basicEncoding),
    ...jwtIn(request),
  };
  return [
    ...compareRequest(example.request, request, values),
    ...compareAssertion(example.assertion, values),
    ...compareOutcome(example, connection, { request, values, now: EXAMPLE_NOW }),
  ];
}

/** The token is made here, or comes from AWS: there is no request, and nobody answers. */
async function replayUnsent(
  preset: ProviderPreset,
  example: PresetExample,
  identity: ExampleIdentity,
): Promise<readonly string[]> {
  const connection = exampleConnection(preset, example);
  const input = exampleInput(connection, preset, example, identity);
  const token = await selfIssuedToken(input, exampleContext(identity));
  const assertion = token.access_token?.reveal() ?? '';
  const values = { ...identity.values, assertion, access_token: assertion };
  const { request, response, expect } = example;
  return [
    ...(request === undefined ? [] : ['for this grant nothing is sent: leave "request" out']),
    ...(response === undefined ? [] : ['for this grant nobody answers: leave "response" out']),
    ...compareAssertion(example.assertion, values),
    ...(expect.token === undefined
      ? ['for this grant nobody answers, and there is no error to expect']
      : compareToken(expect.token, token, connection, values)),
  ];
}

/** The fields of credentials that templates name, beside those that every identity has. */
function fieldsNamedIn(values: readonly unknown[]): string[] {
  const named = [...JSON.stringify(values).matchAll(/\{credential\.([A-Za-z_]\w*)\}/g)];
  return [...named.map(([, name = '']) => name), ...STORED_PROOFS];
}

/** Proofs that somebody else made, RFC 8693 section 2.1 and RFC 7522 section 2.1. */
const STORED_PROOFS = ['subject_token', 'assertion'];

/** The credentials of HTTP Basic, RFC 7617, as RFC 6749 section 2.3.1 encodes them or as they are. */
function basicPair({ credentials }: ExampleIdentity, encoding: 'form' | 'raw'): string {
  const { client_id: id = '', client_secret: secret = '' } = credentials;
  const written = (value: string) =>
    encoding === 'raw' ? value : new URLSearchParams({ '': value }).toString().slice(1);
  return Buffer.from(`${written(id)}:${written(secret)}`).toString('base64');
}
