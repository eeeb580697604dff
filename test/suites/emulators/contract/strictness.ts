import { PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { describe, expect, it } from 'vitest';
import type { AwsHost } from '../support/aws-host.ts';
import { refusal } from '../support/refusal.ts';
import { describeParameterStrictness } from './parameter-strictness.ts';
import { describeSecretStrictness } from './secret-strictness.ts';

/** Where AWS is strict, by its documentation: a call that is refused here is refused there. */
export function describeStrictness(host: () => AwsHost): void {
  describeSecretStrictness(host);
  describeParameterStrictness(host);

  describe('EventBridge', () => {
    const ENTRY = { Source: 'evertoken', DetailType: 'Token Refreshed', Detail: '{}' };
    const put = (...entries: PutEventsRequestEntry[]) =>
      host().clients.eventBridge.send(new PutEventsCommand({ Entries: entries }));

    it('takes one to ten entries', async () => {
      expect(await refusal(put())).toBe('ValidationException');
      expect(await refusal(put(...new Array(10).fill(ENTRY)))).toBeUndefined();
      expect(await refusal(put(...new Array(11).fill(ENTRY)))).toBe('ValidationException');
    });

    it.each([
      ['no source', { Source: undefined }],
      ['no detail type', { DetailType: undefined }],
      ['no detail', { Detail: undefined }],
      ['a source of AWS', { Source: 'aws.ssm' }],
      ['detail that is no JSON', { Detail: '{' }],
      ['detail that is no object', { Detail: '[]' }],
    ])('judges an entry by itself: %s', async (_, wrong) => {
      const { FailedEntryCount, Entries = [] } = await put({ ...ENTRY, ...wrong }, ENTRY);
      expect(FailedEntryCount).toBe(1);
      expect(Entries.map(({ ErrorCode }) => ErrorCode !== undefined)).toEqual([true, false]);
    });
  });

  describe('signatures', () => {
    it('are asked for', async () => {
      const answer = await fetch(host().url, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': 'secretsmanager.ListSecrets',
        },
        body: '{}',
      });
      expect(answer.ok).toBe(false);
      expect(await answer.text()).toContain('MissingAuthenticationToken');
    });
  });
}
