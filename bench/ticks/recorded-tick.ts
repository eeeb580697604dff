import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import type { EventCalls } from '../../functions/aws/event-calls.ts';
import type { LocalAwsClients } from '../../local/endpoint-clients.ts';

type Call = () => Promise<unknown>;

/** What a tick asked of AWS: each call made once more, with the same input, by the same client. */
export interface RecordedTick {
  /** One after the other before the first refresh, and after the last. */
  readonly before: readonly Call[];
  readonly after: readonly Call[];
  /** One after the other, of each connection. */
  readonly ofConnection: readonly (readonly Call[])[];
  /** Events and outcomes, of many connections at once. */
  readonly telling: readonly Call[];
}

/** Calls that tell, or remember, what others came to. */
const TELLING: ReadonlySet<string> = new Set(['PutEvents', 'BatchWriteItemCommand']);

/** How commands are called, and made anew of their input. */
// biome-ignore lint/suspicious/noExplicitAny: each has an input of its own, which it is given back as it was
const COMMANDS: Readonly<Record<string, new (input: any) => any>> = {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  QueryCommand,
  UpdateItemCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
};

interface Recorded {
  readonly command: string;
  readonly input: object;
  readonly call: Call;
}

/** Records what these clients call while `work` lasts. */
export async function recordTick(
  clients: Pick<LocalAwsClients, 'dynamodb' | 'secretsManager' | 'onDemand'>,
  work: () => Promise<unknown>,
): Promise<RecordedTick> {
  const recorded: Recorded[] = [];
  const { dynamodb, secretsManager } = clients;
  const stacks = [dynamodb, secretsManager].map((client) => {
    const { middlewareStack } = client as typeof dynamodb;
    const send = client.send.bind(client) as (command: unknown) => Promise<unknown>;
    middlewareStack.add(
      (next, { commandName = '' }) =>
        (args) => {
          const { input } = args;
          const Command = COMMANDS[commandName];
          if (Command) recorded.push({ command: commandName, input, call: () => send(new Command(input)) });
          return next(args);
        },
      { step: 'initialize', name: 'record', override: true },
    );
    return middlewareStack;
  });
  const events = await clients.onDemand.eventBridge();
  const { putEvents } = events;
  const recording: EventCalls['putEvents'] = (input, options) => {
    recorded.push({ command: 'PutEvents', input, call: () => putEvents(input) });
    return putEvents(input, options);
  };
  Object.assign(events, { putEvents: recording });
  await work();
  Object.assign(events, { putEvents });
  for (const stack of stacks) stack.remove('record');
  return sorted(recorded);
}

function sorted(recorded: readonly Recorded[]): RecordedTick {
  const ofConnection = new Map<string, Call[]>();
  const own: Record<'before' | 'after', Call[]> = { before: [], after: [] };
  const telling: Call[] = [];
  for (const { command, input, call } of recorded) {
    const name = connectionOf(input);
    if (TELLING.has(command)) telling.push(call);
    else if (name === undefined) own[ofConnection.size === 0 ? 'before' : 'after'].push(call);
    else ofConnection.set(name, [...(ofConnection.get(name) ?? []), call]);
  }
  return { ...own, telling, ofConnection: [...ofConnection.values()] };
}

/** The connection whose item or secret an input names. */
function connectionOf(input: object): string | undefined {
  const { Key, SecretId } = input as { Key?: { pk?: { S?: string } }; SecretId?: string };
  const [, name] =
    /^(?:connection#|[^/]+\/(?:refresh-)?tokens\/)(.+)$/.exec(Key?.pk?.S ?? SecretId ?? '') ?? [];
  return name;
}
