import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

/** From now on this process finds no name but this machine's own, as if no network were there: no name service is asked. */
export function lookUpNoNames(): void {
  if ('isOffline' in dns.promises.lookup) return;
  const { lookup } = dns;
  const { lookup: lookupAsync } = dns.promises;
  const notFound = (hostname: string) =>
    Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: 'ENOTFOUND', hostname });
  const guarded = async (...call: Parameters<typeof lookupAsync>) => {
    if (LOOPBACK.test(call[0])) return lookupAsync(...call);
    throw notFound(call[0]);
  };
  dns.promises.lookup = Object.assign(guarded, { isOffline: true }) as unknown as typeof lookupAsync;
  dns.lookup = ((...call: unknown[]) => {
    const [hostname] = call as [string];
    if (LOOPBACK.test(hostname)) return Reflect.apply(lookup, dns, call);
    const callback = call.at(-1) as (error: Error) => void;
    process.nextTick(() => callback(notFound(hostname)));
  }) as typeof lookup;
  syncBuiltinESMExports();
}
