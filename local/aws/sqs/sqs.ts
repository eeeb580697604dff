import { createHash } from 'node:crypto';
import { z } from 'zod';
import { AwsError } from '../wire/error-answer.ts';
import { jsonOperation, jsonService } from '../wire/json-service.ts';
import type { Service } from '../wire/message.ts';
import type { LocalQueues } from './queues.ts';

const MOST_DELAY_SECONDS = 900;
/** Since August 2025; it was 256 KiB before. */
const MOST_BYTES = 1_048_576;

/** SQS over `queues`: sending. What a queue holds is taken from it by the host, as Lambda does of itself. */
export function sqs(queues: LocalQueues): Service {
  const SendMessage = jsonOperation({
    input: z.strictObject({
      QueueUrl: z.string().min(1),
      MessageBody: z.string(),
      DelaySeconds: z.int().optional(),
    }),
    run: ({ QueueUrl, MessageBody, DelaySeconds = 0 }) => {
      const queue = queues.find(QueueUrl);
      if (queue === undefined) {
        throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
      }
      if (DelaySeconds < 0 || DelaySeconds > MOST_DELAY_SECONDS) {
        throw new AwsError(
          'InvalidParameterValue',
          `Value ${DelaySeconds} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= ${MOST_DELAY_SECONDS}.`,
        );
      }
      if (MessageBody === '') {
        throw new AwsError('MissingParameter', 'The request must contain the parameter MessageBody.');
      }
      if (Buffer.byteLength(MessageBody) > MOST_BYTES) {
        throw new AwsError(
          'InvalidParameterValue',
          `One or more parameters are invalid. Reason: Message must be shorter than ${MOST_BYTES} bytes.`,
        );
      }
      return {
        MessageId: queue.send(MessageBody, DelaySeconds),
        MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
      };
    },
  });

  return jsonService({
    name: 'sqs',
    targetPrefix: 'AmazonSQS',
    messageMember: 'message',
    contentType: 'application/x-amz-json-1.0',
    resourceMembers: ['QueueUrl'],
    // Messages live as long as the endpoint.
    save: async () => {},
    operations: { SendMessage },
  });
}
