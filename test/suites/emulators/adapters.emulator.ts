import { describeAdapters } from './contract/adapters.ts';
import { startLocalEndpoint, startMoto } from './support/aws-host.ts';
import { describeOn, type KnownDeviations } from './support/describe-on.ts';

/** Where Moto does what AWS does not. */
const MOTO: KnownDeviations = {};

describeOn('adapters on the local endpoint', () => startLocalEndpoint(), {}, describeAdapters);
describeOn('adapters on Moto', startMoto, MOTO, describeAdapters);
