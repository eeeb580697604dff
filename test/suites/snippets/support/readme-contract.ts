import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  CreateSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { startAwsEndpoint } from '../../../../local/aws/endpoint.ts';
import { canarySecret } from '../../../support/canary.ts';
import { readRepositoryFile } from '../../../support/source-files.ts';

const SECRET = 'evertoken/tokens/crm';
const PARAMETER = `/${SECRET}`;

export interface ReadmeSnippet {
  /** Why it cannot run here; undefined when it can. */
  readonly missing: string | undefined;
  /** What takes the text of a program as its last argument. */
  readonly command: () => Promise<readonly [string, ...string[]]>;
  /** Lines that print, where the snippet itself prints nothing. */
  readonly after?: string;
  /** The token in what was printed. */
  readonly accessToken: (printed: string) => unknown;
}

/** What README.md, or the page that it leads to, shows in `language` reads a token in either place, untold which. */
export function describeReadme(language: string, { missing, command, after, accessToken }: ReadmeSnippet) {
  const [, section = ''] = readRepositoryFile('README.md').split('\n## Read a token\n');
  const shown = section + readRepositoryFile('docs/reading-tokens.md');
  const [, code = ''] = shown.split(`\n\`\`\`${language}\n`);
  const [program = ''] = code.split('\n```\n');

  describe(`what the documentation shows in ${language}`, () => {
    beforeEach((context) => {
      if (missing !== undefined) context.skip(missing);
    });

    test.each([
      ['secret', [SECRET]],
      ['parameter', [SECRET, PARAMETER]],
    ])('reads a token in a %s, and nothing else', async (place, resources) => {
      const endpoint = await startAwsEndpoint({ port: 0 });
      const settings = {
        endpoint: endpoint.url,
        region: 'us-east-1',
        credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      };
      const [client, ssm] = [new SecretsManagerClient(settings), new SSMClient(settings)];
      onTestFinished(async () => {
        client.destroy();
        ssm.destroy();
        await endpoint.close();
      });
      const access_token = canarySecret('readme-+/=._~');
      const obtained_at = Math.floor(Date.now() / 1000);
      const times = { expires_at: obtained_at + 300, obtained_at };
      const token = JSON.stringify({ schema: 1, access_token, token_type: 'Bearer', ...times });
      await client.send(new CreateSecretCommand({ Name: SECRET }));
      if (place === 'parameter') {
        await ssm.send(new PutParameterCommand({ Name: PARAMETER, Value: token, Type: 'SecureString' }));
      }
      const SecretString = place === 'secret' ? token : JSON.stringify({ schema: 1, parameter: PARAMETER });
      await client.send(new PutSecretValueCommand({ SecretId: SECRET, SecretString }));

      const [file, ...parameters] = await command();
      endpoint.calls.reset();
      const text = [program, after].join('\n');
      const { stdout } = await promisify(execFile)(file, [...parameters, text], {
        env: {
          PATH: process.env['PATH'],
          HOME: process.env['HOME'],
          AWS_ENDPOINT_URL: endpoint.url,
          AWS_DEFAULT_REGION: 'us-east-1',
          AWS_ACCESS_KEY_ID: 'local',
          AWS_SECRET_ACCESS_KEY: canarySecret('aws-secret-access-key'),
          AWS_EC2_METADATA_DISABLED: 'true',
        },
      });
      // Not toBe, which would print both.
      expect(accessToken(stdout) === access_token, 'the token is the one that was published').toBe(true);
      expect(endpoint.calls.all.map(({ resource }) => resource)).toEqual(resources);
    });
  });
}
