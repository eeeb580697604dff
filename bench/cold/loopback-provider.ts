/**
 * A token endpoint in a process of its own. Tells its parent where it is.
 *
 *   node loopback-provider.ts <folder of the certificate> <client's id> <client's secret>
 */
import { systemClock } from '../../functions/handlers/system-clock.ts';
import { startSlashId } from '../../local/providers/slashid.ts';
import { startTlsFront } from './tls-front.ts';

const [, , folder = '', clientId = '', clientSecret = ''] = process.argv;
const provider = await startSlashId({ clock: systemClock, lifetimeSeconds: 3_600, clientId, clientSecret });
const origin = await startTlsFront(provider.origin, folder);
process.on('disconnect', () => process.exit());
process.send?.({ origin, tokenUrl: provider.tokenUrl.replace(provider.origin, origin) });
