/**
 * An AWS endpoint in a process of its own. Tells its parent where it is, and of the calls since it was last asked.
 *
 *   node loopback-aws.ts <folder of the certificate>
 */
import { startAwsEndpoint } from '../../local/aws/endpoint.ts';
import { startTlsFront } from './tls-front.ts';

/** A call, when it came. */
export interface LoopbackCall {
  readonly operation: string;
  /** Of several none. */
  readonly resource: string;
  /** Nanoseconds of the machine's clock. */
  readonly atNs: string;
}

const [, , folder = ''] = process.argv;
const endpoint = await startAwsEndpoint({ port: 0 });
let calls: LoopbackCall[] = [];
endpoint.calls.subscribe(({ operation, resource = '' }) => {
  // One clock for all processes of a machine.
  calls.push({ operation, resource, atNs: `${process.hrtime.bigint()}` });
});
process.on('message', () => {
  process.send?.(calls);
  calls = [];
});
process.on('disconnect', () => process.exit());
process.send?.({ url: endpoint.url, tlsUrl: await startTlsFront(endpoint.url, folder) });
