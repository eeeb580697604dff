/** The CDK app of this repository: `npx cdk deploy --all`. */
import { App } from 'aws-cdk-lib';
import { addEvertokenStacks } from './evertoken-app.ts';
import { SynthProblem } from './synth-problem.ts';

try {
  // Where something is wrong, nothing is written.
  const app = new App({ autoSynth: false });
  addEvertokenStacks(app);
  app.synth();
} catch (error) {
  if (!(error instanceof SynthProblem)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
