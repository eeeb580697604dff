import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { shared } from '../../../vitest.config.ts';

/** Thousands of schedules, and real sockets: a mutant that a quicker test notices need not wait for them. */
const SLOW =
  /\/(?:interleavings|token-endpoint|issuer-discovery|send-once|unanswered-exchange|content-coding)\.test\.ts$/;

/** One order for all mutants, since the first failure ends the run. */
class QuickFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => `${Number(SLOW.test(moduleId))} ${moduleId}`;
    return files.toSorted((one, other) => (place(one) < place(other) ? -1 : 1));
  }
}

/** The tests that judge mutants: those of the two folders, and the quick ones of what is built on them. */
export default defineConfig({
  // Kept with the sandbox and gone with it: the ordinary tests have their own.
  cacheDir: '.cache/vite',
  test: {
    ...shared,
    include: [
      'test/functions/{refresh,oauth,providers,connections}/**/*.test.ts',
      'test/functions/aws/aws-error.test.ts',
      'test/cli/authorization/pkce.test.ts',
    ],
    // Virtual clocks never wait: a mutant that hangs a test is noticed after this.
    testTimeout: 5_000,
    sequence: { sequencer: QuickFirst },
  },
});
