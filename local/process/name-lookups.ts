import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

/**
 * From now on this process looks up no name but this machine's own and these, as if there were no network: a declaration
 * that names a provider's real host asks no name service for it, and nothing is sent there, unless a person said so.
 */
export function lookUpOnly(allowed: readonly string[], onRefused: (hostname: string) => void): void {
  const { lookup } = dns;
  const { lookup: lookupAsync } = dns.promises;
  const mayLookUp = (hostname: string) => LOOPBACK.test(hostname) || allowed.includes(hostname);
  const refuse = (hostname: string) => {
    onRefused(hostname);
    const error = new Error(`this process does not look up ${hostname}`);
    return Object.assign(error, { code: 'ENOTFOUND', hostname });
  };
  const guarded = async (...call: Parameters<typeof lookupAsync>) => {
    if (mayLookUp(call[0])) return lookupAsync(...call);
    throw refuse(call[0]);
  };
  dns.promises.lookup = guarded as typeof lookupAsync;
  dns.lookup = ((...call: unknown[]) => {
    const [hostname] = call as [string];
    if (mayLookUp(hostname)) return Reflect.apply(lookup, dns, call);
    const callback = call.at(-1) as (error: Error) => void;
    process.nextTick(() => callback(refuse(hostname)));
  }) as typeof lookup;
  syncBuiltinESMExports();
}
