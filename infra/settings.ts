import { namespaceProblem } from '../functions/connections/connection-name.ts';
import { STATUS_WIDGET_KINDS, type StatusWidgetKind } from './constructs/status-widget.ts';
import type { TokenRefresherProps } from './constructs/token-refresher.ts';
import type { Encryption, TokenStorageProps } from './constructs/token-storage.ts';
import { SynthProblem } from './synth-problem.ts';

/** What the context of a deployment says: `cdk deploy -c namespace=crm`, or `context` in `cdk.json`. */
export interface Settings
  extends Pick<TokenStorageProps, 'namespace' | 'encryption'>,
    Pick<
      TokenRefresherProps,
      | 'alarmEmail'
      | 'allowedTokenOrigins'
      | 'parameterWritesPerSecond'
      | 'secretWritesPerSecond'
      | 'statusWidget'
      | 'tokenRefreshedEvents'
    > {
  readonly namespace: string;
  /** The file of connections. */
  readonly connections: string;
}

const FLAGS = ['true', 'false'];
const ENCRYPTIONS: readonly Encryption[] = ['customer-managed', 'aws-managed'];

/**
 * Reads the context. An empty value counts as absent.
 * @param get the value of a key; on the command line every value is a string
 * @throws SynthProblem that names the key, what was found and what is allowed
 */
export function readSettings(get: (key: string) => unknown): Settings {
  const encryption = text(get, 'encryption');
  if (encryption !== undefined && !isEncryption(encryption)) {
    refuse('encryption', oneOf(ENCRYPTIONS), encryption);
  }
  const alarmEmail = text(get, 'alarmEmail');
  if (alarmEmail !== undefined && !/^[^@\s]+@[^@\s]+$/.test(alarmEmail)) {
    refuse('alarmEmail', 'an e-mail address', alarmEmail);
  }
  const statusWidget = text(get, 'statusWidget');
  if (statusWidget !== undefined && !isStatusWidget(statusWidget)) {
    refuse('statusWidget', oneOf(STATUS_WIDGET_KINDS), statusWidget);
  }
  const allowedTokenOrigins = list(get, 'allowedTokenOrigins');
  const secretWritesPerSecond = number(get, 'secretWritesPerSecond', 'a number from 1 to 50');
  const parameterWritesPerSecond = number(get, 'parameterWritesPerSecond', 'a number from 0.1 to 40');
  const tokenRefreshedEvents = flag(get, 'tokenRefreshedEvents');
  return {
    namespace: namespaceOf(text(get, 'namespace') ?? 'evertoken'),
    connections: text(get, 'connections') ?? 'connections.json',
    ...(encryption !== undefined && { encryption }),
    ...(alarmEmail !== undefined && { alarmEmail }),
    ...(statusWidget !== undefined && { statusWidget }),
    ...(allowedTokenOrigins !== undefined && { allowedTokenOrigins }),
    ...(secretWritesPerSecond !== undefined && { secretWritesPerSecond }),
    ...(parameterWritesPerSecond !== undefined && { parameterWritesPerSecond }),
    ...(tokenRefreshedEvents !== undefined && { tokenRefreshedEvents }),
  };
}

function namespaceOf(value: string): string {
  const problem =
    namespaceProblem(value) ??
    (/^[a-z]/.test(value) ? undefined : 'must begin with a letter: the stacks are named after it');
  if (problem !== undefined)
    throw new SynthProblem(`context "namespace": ${JSON.stringify(value)} ${problem}`);
  return value;
}

type Get = (key: string) => unknown;

function text(get: Get, key: string): string | undefined {
  const value = get(key) ?? '';
  if (typeof value !== 'string') refuse(key, 'a string', value);
  return value === '' ? undefined : value;
}

/** Commas or spaces between, or an array in `cdk.json`. */
function list(get: Get, key: string): readonly string[] | undefined {
  const value = get(key) ?? '';
  const items = typeof value === 'string' ? value.split(/[\s,]+/) : value;
  if (!Array.isArray(items) || !items.every((item) => typeof item === 'string')) {
    refuse(key, 'strings with commas between', value);
  }
  const filled = items.filter((item) => item !== '');
  return filled.length === 0 ? undefined : filled;
}

function number(get: Get, key: string, expected: string): number | undefined {
  const value = get(key) ?? '';
  if (value === '') return undefined;
  const isNumber = typeof value === 'number' || (typeof value === 'string' && /^\d+(\.\d+)?$/.test(value));
  if (!isNumber) refuse(key, expected, value);
  return Number(value);
}

/** `true` or `false`, as JSON in `cdk.json` too. */
function flag(get: Get, key: string): boolean | undefined {
  const value = String(get(key) ?? '');
  if (value === '') return undefined;
  if (!FLAGS.includes(value)) refuse(key, oneOf(FLAGS), value);
  return value === 'true';
}

function isEncryption(value: string): value is Encryption {
  return (ENCRYPTIONS as readonly string[]).includes(value);
}

function isStatusWidget(value: string): value is StatusWidgetKind {
  return (STATUS_WIDGET_KINDS as readonly string[]).includes(value);
}

function oneOf(values: readonly string[]): string {
  return `one of ${values.map((one) => `"${one}"`).join(', ')}`;
}

function refuse(key: string, expected: string, found: unknown): never {
  throw new SynthProblem(`context "${key}": expected ${expected}, found ${JSON.stringify(found)}`);
}
