import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, type RunnerTask } from 'vitest';
import type { AwsHost } from './aws-host.ts';

/** Reasons by row: the names of its suites and its own, with ` > ` between. */
export type KnownDeviations = Readonly<Record<string, string>>;

/**
 * Runs rows against one host. A row in which the host is known to do what AWS does not is skipped with the
 * reason, and no other is.
 */
export function describeOn(
  title: string,
  start: () => Promise<AwsHost>,
  deviations: KnownDeviations,
  rows: (host: () => AwsHost) => void,
): void {
  const missing = inject('missing');

  describe(title, () => {
    let host: AwsHost | undefined;

    beforeAll(async () => {
      if (missing === null) host = await start();
    });
    afterAll(() => host?.[Symbol.asyncDispose]());
    beforeEach((context) => {
      if (missing !== null) context.skip(missing);
      const reason = deviations[pathOf(context.task, title)];
      if (reason !== undefined) context.skip(reason);
    });

    rows(() => {
      if (host === undefined) throw new Error(`${title} is not running`);
      return host;
    });

    it('leaves out only rows that there are', ({ task }) => {
      expect(rowsOf(task.suite?.tasks ?? [], title)).toEqual(expect.arrayContaining(Object.keys(deviations)));
    });
  });
}

/** Every row, at any depth. */
function rowsOf(tasks: readonly RunnerTask[], title: string): string[] {
  return tasks.flatMap((task) => ('tasks' in task ? rowsOf(task.tasks, title) : [pathOf(task, title)]));
}

function pathOf(task: RunnerTask, title: string): string {
  const names = [task.name];
  for (let suite = task.suite; suite && suite.name !== title; suite = suite.suite) names.unshift(suite.name);
  return names.join(' > ');
}
