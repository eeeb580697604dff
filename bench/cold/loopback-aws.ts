/**
 * An AWS endpoint in a process of its own. Tells its parent where it is, and of every secret that is written.
 *
 *   node loopback-aws.ts <folder of the certificate>
 */
import { startAwsEndpoint } from '../../local/aws/endpoint.ts';
import { startTlsFront } from './tls-front.ts';

const [, , folder = ''] = process.argv;
const endpoint = await startAwsEndpoint({ port: 0 });
endpoint.calls.subscribe(({ operation, resource = '' }) => {
  // One clock for all processes of a machine.
  if (operation === 'PutSecretValue')
    process.send?.({ written: resource, atNs: `${process.hrtime.bigint()}` });
});
process.on('disconnect', () => process.exit());
process.send?.({ url: endpoint.url, tlsUrl: await startTlsFront(endpoint.url, folder) });
