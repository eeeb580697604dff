import { App } from 'aws-cdk-lib';
import { PlatformStack, type PlatformStackProps } from '../../../../examples/cdk/platform.ts';

/** The example as an app, with what is there already given as JSON in the context `platform`. */
const app = new App();
new PlatformStack(app, 'platform', JSON.parse(app.node.getContext('platform')) as PlatformStackProps);
