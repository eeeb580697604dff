import { describeStrictness } from './contract/strictness.ts';
import { startLocalEndpoint, startMoto } from './support/aws-host.ts';
import { describeOn, type KnownDeviations } from './support/describe-on.ts';

/** Where Moto takes what AWS refuses. */
const MOTO: KnownDeviations = {
  'Secrets Manager > takes 65,536 bytes and no more': 'Moto takes a value of any length',
  'Secrets Manager > takes 20 labels and no more': 'Moto takes any number of labels',
  'Secrets Manager > moves AWSCURRENT and AWSPREVIOUS with a write that names no labels':
    'DescribeSecret of Moto lists versions without labels too',
  'Secrets Manager > does not let AWSCURRENT be taken away, only moved':
    'Moto takes AWSCURRENT away and leaves a secret without a current version',
  'Secrets Manager > answers nothing but DescribeSecret for a deleted secret, whose name stays taken':
    'Moto writes to a deleted secret',
  'Secrets Manager > does not rotate without a function': 'Moto makes up a rotation',
  'Parameter Store > refuses the name no/slash/first': 'Moto takes a name with a slash inside only',
  'Parameter Store > takes 15 levels and no more': 'Moto takes any number of levels',
  'Parameter Store > takes 4 KB in the standard tier, and 8 KB in the advanced':
    'Moto takes a value of any length',
  'Parameter Store > does not change the type of a parameter': 'Moto changes the type',
  'Parameter Store > refuses a value with the syntax of references': 'Moto stores references as text',
  'Parameter Store > shows a SecureString only with decryption':
    'what Moto shows without decryption has the value in it',
  'EventBridge > takes one to ten entries': 'Moto takes none at all',
  'EventBridge > judges an entry by itself: a source of AWS': 'Moto takes events as if they were of AWS',
  'EventBridge > judges an entry by itself: detail that is no object': 'Moto takes any JSON as detail',
  'signatures > are asked for': 'Moto answers without a signature',
};

describeOn('strictness of the local endpoint', () => startLocalEndpoint(), {}, describeStrictness);
describeOn('strictness of Moto', startMoto, MOTO, describeStrictness);
