import { isDeepStrictEqual } from 'node:util';
import type { TokenHttpRequest } from '../../functions/oauth/request/http-request.ts';
import type { Secret } from '../../functions/oauth/secret.ts';
import { didYouMean } from '../../functions/text/near-name.ts';
import {
  type ExampleValues,
  fillInside,
  fillTemplates,
  templatesIn,
  type Written,
  withTemplates,
  writtenIn,
} from './example-values.ts';
import type { ExampleRequest, PresetExample } from './preset-example.ts';

const FORM = 'application/x-www-form-urlencoded';

/** What differs between the recorded request and the one that is built. Without a recorded one, nothing does. */
export function compareRequest(
  recorded: ExampleRequest | undefined,
  built: TokenHttpRequest,
  values: ExampleValues,
): readonly string[] {
  if (recorded === undefined) return [];
  const headers = byLowerName(built.headers);
  const body = built.body?.reveal();
  const expectedBody = recorded.body ?? (body === undefined ? undefined : '');
  return [
    ...compare('the method', recorded.method, built.method, values, 'raw'),
    ...compare('the URL', recorded.url, built.url.reveal(), values, 'form'),
    ...compareHeaders(byLowerName(recorded.headers), headers, values),
    ...(expectedBody === undefined
      ? []
      : compare(
          'the body',
          expectedBody,
          body ?? '',
          values,
          writtenIn(expectedBody, headers['content-type']),
        )),
  ];
}

function compareHeaders(
  recorded: Readonly<Record<string, string>>,
  built: Readonly<Record<string, string>>,
  values: ExampleValues,
): readonly string[] {
  const named = Object.entries(recorded).flatMap(([name, expected]) => {
    const found = built[name];
    if (found !== undefined) return compare(`the header ${name}`, expected, found, values, 'raw');
    return [`the header ${name}: expected ${quoted(expected)}, found none`];
  });
  const unnamed = Object.entries(built)
    .filter(([name]) => !Object.hasOwn(recorded, name) && name !== 'accept' && name !== 'user-agent')
    // What every form has says nothing.
    .filter(([name, value]) => name !== 'content-type' || value !== FORM)
    .map(
      ([name, value]) => `the header ${name}: expected none, found ${quoted(withTemplates(value, values))}`,
    );
  return [...named, ...unnamed];
}

function compare(
  what: string,
  expected: string,
  found: string,
  values: ExampleValues,
  written: Written,
): readonly string[] {
  const unknown = templatesIn(expected).filter((name) => !Object.hasOwn(values, name));
  if (unknown.length > 0) return unknown.map((name) => unknownTemplate(what, name, values));
  if (fillTemplates(expected, values, written) === found) return [];
  return [`${what}: expected ${quoted(expected)}, found ${quoted(withTemplates(found, values))}`];
}

function unknownTemplate(what: string, name: string, values: ExampleValues): string {
  if (name === 'assertion') return `${what}: holds "{assertion}", and the request that is built has none`;
  const known = Object.keys(values).filter((each) => !each.startsWith('credential.'));
  return `${what}: "{${name}}" stands for nothing${didYouMean(name, known)}; known are ${known.join(', ')} and credential.<field>`;
}

/** The JWT that a request carries, wherever it stands, as the value that `{assertion}` stands for. */
export function jwtIn({ url, headers, body }: TokenHttpRequest): { readonly assertion?: string } {
  const texts = [headers['authorization'], url, body].map((each) =>
    typeof each === 'string' ? each : (each?.reveal() ?? ''),
  );
  const assertion = /\beyJ[\w-]+\.[\w-]+\.[\w-]+/.exec(texts.join('\n'))?.[0];
  return assertion === undefined ? {} : { assertion };
}

/** What differs between the recorded assertion and the one that was signed. */
export function compareAssertion(
  recorded: PresetExample['assertion'],
  values: ExampleValues,
): readonly string[] {
  if (recorded === undefined) return [];
  const [header, claims] = (values['assertion'] ?? '').split('.').map(part);
  if (header === undefined || claims === undefined) return ['the assertion: expected one, found none'];
  const wantedHeader = fillInside(recorded.header ?? {}, values) as Readonly<Record<string, unknown>>;
  const sameHeader = Object.entries(wantedHeader).every(([name, value]) =>
    isDeepStrictEqual(header[name], value),
  );
  return [
    ...(sameHeader ? [] : [difference('the header of the assertion', recorded.header, header, values)]),
    ...(recorded.claims === undefined || isDeepStrictEqual(fillInside(recorded.claims, values), claims)
      ? []
      : [difference('the claims of the assertion', recorded.claims, claims, values)]),
  ];
}

function difference(what: string, expected: unknown, found: unknown, values: ExampleValues): string {
  return `${what}: expected ${JSON.stringify(expected)}, found ${withTemplates(JSON.stringify(found), values)}`;
}

function part(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined;
  }
}

function byLowerName(headers: Readonly<Record<string, string | Secret>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      typeof value === 'string' ? value : value.reveal(),
    ]),
  );
}

const quoted = (text: string) => JSON.stringify(text);
