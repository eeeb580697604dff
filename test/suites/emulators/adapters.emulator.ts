import { describeAdapters } from './contract/adapters.ts';
import { startLocalEndpoint, startMoto } from './support/aws-host.ts';
import { describeOn, type KnownDeviations } from './support/describe-on.ts';

/** Where Moto does what AWS does not. */
const MOTO: KnownDeviations = {
  'the state table > lease > goes to exactly one of many that ask at once':
    'Moto judges the conditions of several threads at once, so that under load two of them hold',
};

describeOn('adapters on the local endpoint', () => startLocalEndpoint(), {}, describeAdapters);
describeOn('adapters on Moto', startMoto, MOTO, describeAdapters);
