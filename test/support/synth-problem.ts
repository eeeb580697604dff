import { SynthProblem } from '../../infra/synth-problem.ts';

/** The message with which something stops synthesis. */
export function problemOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof SynthProblem) return error.message;
    throw error;
  }
  throw new Error('nothing was wrong');
}
