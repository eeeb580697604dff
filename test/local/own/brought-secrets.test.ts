import { expect, it } from 'vitest';
import { screenOn } from '../../../cli/text/screen.ts';
import { systemRandom } from '../../../functions/handlers/system-clock.ts';
import { Secret } from '../../../functions/oauth/secret.ts';
import { broughtSecrets } from '../../../local/own/brought-secrets.ts';
import type { OwnSecrets } from '../../../local/own/credentials-file.ts';
import type { Place } from '../../../local/own/place-connection.ts';
import { type Dialogue, typedTerminal } from '../../cli/support/typed-terminal.ts';
import { assertNoCanary, canarySecret } from '../../support/canary.ts';

const places: readonly Place[] = [
  {
    kind: 'placed',
    name: 'books',
    definition: { provider: 'xero', credentials: 'xero', grants: ['client_credentials'] },
    grants: ['client_credentials'],
    asks: ['https://identity.xero.com'],
    isRemote: true,
  },
  {
    kind: 'placed',
    name: 'crm',
    definition: { provider: 'kajabi', credentials: 'kajabi' },
    grants: ['client_credentials'],
    asks: ['http://127.0.0.1:1001'],
    inPlaceOf: 'https://api.kajabi.com',
    isRemote: false,
    protectedUrl: 'http://127.0.0.1:1001/me',
  },
  { kind: 'left-out', name: 'orders', why: 'it is' },
];
const none: OwnSecrets = { credentials: new Map(), refreshTokens: new Map() };

function brought(own: OwnSecrets, dialogue: Dialogue) {
  const { stdin, output, text } = typedTerminal(dialogue);
  const stderr = screenOn(output, { env: {}, random: systemRandom });
  return {
    text,
    brought: broughtSecrets(own, places, { stdin, stderr, signal: new AbortController().signal }),
  };
}

it('asks for what the file lacks, and shows nothing of it', async () => {
  const client_secret = canarySecret('typed');
  const { brought: secrets, text } = brought(none, [
    ['client_id', 'an-id'],
    ['client_secret', client_secret],
  ]);
  const found = await secrets.credentials('xero');
  expect(JSON.parse(found?.reveal() ?? '')).toEqual({ schema: 1, client_id: 'an-id', client_secret });
  expect(text()).toContain('Credentials "xero", for books:');
  assertNoCanary(text(), 'the terminal');
});

it('asks for nothing that the file has, that a server of the demo wants, or that is left out', async () => {
  const stored = new Secret(JSON.stringify({ client_secret: canarySecret('filed') }));
  const { brought: secrets, text } = brought({ ...none, credentials: new Map([['xero', stored]]) }, []);
  expect(await secrets.credentials('xero')).toBe(stored);
  expect(await secrets.credentials('kajabi')).toBeUndefined();
  expect(await secrets.credentials('orders')).toBeUndefined();
  expect(text()).toBe('');
});

it('asks nobody where nobody is', async () => {
  expect(await broughtSecrets(none, places, undefined).credentials('xero')).toBeUndefined();
});
