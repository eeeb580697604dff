import { App } from 'aws-cdk-lib';
import { inertLines } from '../functions/text/inert.ts';
import { addEvertokenStacks } from './evertoken-app.ts';
import { noteNamespace } from './settings/last-assembly.ts';
import { refuseSilentChange } from './settings/refuse-silent-change.ts';
import { SynthProblem } from './synth-problem.ts';

/**
 * The whole of a CDK app: the two stacks of the files `deployment.json` and `connections.json` in the folder that CDK
 * runs in. What is wrong with them is printed, nothing is written then, and the exit code is 1.
 */
export function runEvertokenApp(): void {
  try {
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
}
