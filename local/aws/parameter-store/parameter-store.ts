import { z } from 'zod';
import { AwsError } from '../wire/error-answer.ts';
import { jsonOperation, jsonService } from '../wire/json-service.ts';
import type { Service } from '../wire/message.ts';
import { page } from '../wire/page.ts';
import { PutParameterSchema, parameterName } from './parameter-record.ts';
import { checkPath } from './parameter-rules.ts';
import type { Parameters } from './parameters.ts';

const MOST_AT_ONCE = 10;

/** Parameter Store's wire operations, which are part of Systems Manager, over `parameters`. */
export function parameterStore(parameters: Parameters, save: () => Promise<void>): Service {
  const notFound = (name: string) => new AwsError('ParameterNotFound', `Parameter ${name} not found.`);

  const PutParameter = jsonOperation({
    input: PutParameterSchema,
    writes: true,
    run: (request) => {
      const { version, tier } = parameters.put(request);
      return { Version: version, Tier: tier };
    },
  });

  const GetParameter = jsonOperation({
    input: z.strictObject({ Name: parameterName, WithDecryption: z.boolean().optional() }),
    run: ({ Name, WithDecryption }) => {
      const record = parameters.find(Name);
      if (!record) throw notFound(Name);
      return { Parameter: parameters.answer(record, WithDecryption ?? false) };
    },
  });

  const GetParametersByPath = jsonOperation({
    input: z.strictObject({
      Path: parameterName,
      Recursive: z.boolean().optional(),
      WithDecryption: z.boolean().optional(),
      MaxResults: z.int().min(1).max(MOST_AT_ONCE).optional(),
      NextToken: z.string().optional(),
    }),
    run: ({ Path, Recursive, WithDecryption, MaxResults, NextToken }) => {
      checkPath(Path);
      const found = parameters.under(Path, Recursive ?? false);
      const { items, nextToken } = page(found, ({ name }) => name, {
        size: MaxResults ?? MOST_AT_ONCE,
        nextToken: NextToken,
        invalidTokenCode: 'InvalidNextToken',
      });
      return {
        Parameters: items.map((record) => parameters.answer(record, WithDecryption ?? false)),
        NextToken: nextToken,
      };
    },
  });

  const DeleteParameter = jsonOperation({
    input: z.strictObject({ Name: parameterName }),
    writes: true,
    run: ({ Name }) => {
      if (!parameters.delete(Name)) throw notFound(Name);
      return {};
    },
  });

  return jsonService({
    name: 'ssm',
    targetPrefix: 'AmazonSSM',
    messageMember: 'message',
    resourceMembers: ['Name', 'Path'],
    save,
    operations: {
      DeleteParameter,
      GetParameter,
      GetParametersByPath,
      PutParameter,
    },
  });
}
