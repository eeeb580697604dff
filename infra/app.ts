/** The CDK app of this repository: `npx cdk deploy --all`. */
import { runEvertokenApp } from './run-app.ts';

runEvertokenApp();
