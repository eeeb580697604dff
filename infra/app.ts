/** The CDK app of this repository: `npx cdk deploy --all`. */
import { App } from 'aws-cdk-lib';
import { inertLines } from '../functions/text/inert.ts';
import { addEvertokenStacks } from './evertoken-app.ts';
import { SynthProblem } from './synth-problem.ts';

try {
  // Where something is wrong, nothing is written.
  const app = new App({ autoSynth: false });
  addEvertokenStacks(app);
  app.synth();
} catch (error) {
  if (!(error instanceof SynthProblem)) throw error;
  console.error(inertLines(error.message));
  process.exitCode = 1;
}
