import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { USER_AGENT } from '../../../../functions/oauth/request/http-request.ts';

it('names the version of the package', async () => {
  const { version } = JSON.parse(
    await readFile(new URL('../../../../package.json', import.meta.url), 'utf8'),
  );
  expect(USER_AGENT).toBe(`evertoken/${version}`);
});
