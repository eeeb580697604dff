import { describeAdapters } from './contract/adapters.ts';
import { startLocalEndpoint, startMoto } from './support/aws-host.ts';
import { describeOn } from './support/describe-on.ts';

describeOn('adapters on the local endpoint', () => startLocalEndpoint(), {}, describeAdapters);
describeOn('adapters on Moto', startMoto, {}, describeAdapters);
