/** The CDK app of this repository: `npx cdk deploy --all`. */
import { App } from 'aws-cdk-lib';
import { inertLines } from '../functions/text/inert.ts';
import { addEvertokenStacks } from './evertoken-app.ts';
import { noteNamespace } from './settings/last-assembly.ts';
import { refuseSilentChange } from './settings/refuse-silent-change.ts';
import { SynthProblem } from './synth-problem.ts';

try {
  // Where something is wrong, nothing is written.
  const app = new App({ autoSynth: false });
  const { settings } = addEvertokenStacks(app);
  refuseSilentChange(app.outdir, settings);
  app.synth();
  noteNamespace(app.outdir, settings.file, settings.namespace);
} catch (error) {
  if (!(error instanceof SynthProblem)) throw error;
  console.error(inertLines(error.message));
  process.exitCode = 1;
}
