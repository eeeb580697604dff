import type { Clock } from '../../functions/refresh/ports/outside.ts';
import { startKajabi } from '../providers/kajabi.ts';
import type { ProviderServer } from '../providers/provider-server.ts';
import { type RotatingServer, startRotating } from '../providers/rotating.ts';
import { type SlashIdServer, startSlashId } from '../providers/slashid.ts';

/** The client that each local provider knows, by the name of its credentials. All of it is made up. */
export const DEMO_CREDENTIALS = {
  'kajabi-demo': { client_id: 'demo-kajabi-client', client_secret: 'fake-kajabi-client-secret' },
  'slashid-demo': { client_id: 'demo-slashid-client', client_secret: 'fake-slashid-client-secret' },
  'rotating-demo': { client_id: 'demo-rotating-client', client_secret: 'fake-rotating-client-secret' },
} as const;

export interface DemoProviders {
  readonly kajabi: ProviderServer;
  readonly slashid: SlashIdServer;
  readonly rotating: RotatingServer;
  close(): Promise<void>;
}

export interface DemoProvidersOptions {
  readonly clock: Clock;
  /** Lifetime of every access token. */
  readonly lifetimeSeconds: number;
  /** Text that every token contains. Default none. */
  readonly mark?: string;
}

/** Starts the three local providers, each on a free port. */
export async function startDemoProviders({
  clock,
  lifetimeSeconds,
  mark,
}: DemoProvidersOptions): Promise<DemoProviders> {
  await using started = new AsyncDisposableStack();
  const start = async <Server extends ProviderServer>(
    credentials: keyof typeof DEMO_CREDENTIALS,
    starter: (options: DemoProvidersOptions & { clientId: string; clientSecret: string }) => Promise<Server>,
  ): Promise<Server> => {
    const { client_id: clientId, client_secret: clientSecret } = DEMO_CREDENTIALS[credentials];
    const server = await starter({ clock, lifetimeSeconds, clientId, clientSecret, ...(mark && { mark }) });
    started.defer(() => server.close());
    return server;
  };
  const kajabi = await start('kajabi-demo', startKajabi);
  const slashid = await start('slashid-demo', startSlashId);
  const rotating = await start('rotating-demo', startRotating);
  const running = started.move();
  return { kajabi, slashid, rotating, close: () => running.disposeAsync() };
}
