import type { AwsError } from './error-answer.ts';
import type { WireResponse } from './message.ts';

/** A request of AWS's query protocol. */
export interface Query {
  readonly action: string;
  readonly version: string;
  /** Members by name; lists, which are sent as `Name.member.1`, are arrays. */
  readonly input: Readonly<Record<string, string | readonly string[]>>;
}

/** `undefined` for anything else than a form with an action in it. */
export function readQuery(body: Buffer): Query | undefined {
  // JSON, which the other services speak, is no such form.
  if (!/^(?:Action|Version)=/.test(body.toString('latin1', 0, 10))) return undefined;
  const {
    Action: action,
    Version: version,
    ...rest
  } = Object.fromEntries(new URLSearchParams(body.toString()));
  if (action === undefined || version === undefined) return undefined;
  const input: Record<string, string | string[]> = {};
  for (const [key, value] of Object.entries(rest)) {
    const name = /^(.+)\.member\.\d+$/.exec(key)?.[1];
    if (name === undefined) input[key] = value;
    else input[name] = [...(input[name] ?? []), value];
  }
  return { action, version, input };
}

export function xmlAnswer(
  namespace: string,
  action: string,
  requestId: string,
  members: Readonly<Record<string, string>>,
): WireResponse {
  const content = Object.entries(members).map(([name, value]) => `<${name}>${escaped(value)}</${name}>`);
  return {
    status: 200,
    headers: { 'content-type': 'text/xml' },
    body:
      `<${action}Response xmlns="${namespace}"><${action}Result>${content.join('')}</${action}Result>` +
      `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${action}Response>`,
  };
}

export function xmlError(namespace: string, { code, message, status }: AwsError): string {
  const type = status < 500 ? 'Sender' : 'Receiver';
  return (
    `<ErrorResponse xmlns="${namespace}"><Error><Type>${type}</Type><Code>${escaped(code)}</Code>` +
    `<Message>${escaped(message)}</Message></Error></ErrorResponse>`
  );
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ESCAPES[character] ?? character);
}
