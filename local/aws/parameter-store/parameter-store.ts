import { z } from 'zod';
import { AwsError } from '../wire/aws-error.ts';
import { jsonOperation, jsonService } from '../wire/json-service.ts';
import type { Service } from '../wire/message.ts';
import { page } from '../wire/page.ts';
import { type ParameterRecord, PutParameterSchema, parameterName } from './parameter-record.ts';
import { checkPath } from './parameter-rules.ts';
import type { Parameters } from './parameters.ts';

const MOST_AT_ONCE = 10;
const names = z.array(parameterName).min(1).max(MOST_AT_ONCE);

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

  const GetParameters = jsonOperation({
    input: z.strictObject({ Names: names, WithDecryption: z.boolean().optional() }),
    run: ({ Names, WithDecryption }) => {
      const found: ParameterRecord[] = [];
      const invalid: string[] = [];
      for (const name of Names) {
        const record = parameters.find(name);
        if (record) found.push(record);
        else invalid.push(name);
      }
      return {
        Parameters: found.map((record) => parameters.answer(record, WithDecryption ?? false)),
        InvalidParameters: invalid,
      };
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

  const DeleteParameters = jsonOperation({
    input: z.strictObject({ Names: names }),
    writes: true,
    run: ({ Names }) => {
      const answers = Names.map((name) => ({ name, deleted: parameters.delete(name) }));
      const namesWhere = (deleted: boolean) =>
        answers.filter((answer) => answer.deleted === deleted).map(({ name }) => name);
      return { DeletedParameters: namesWhere(true), InvalidParameters: namesWhere(false) };
    },
  });

  return jsonService({
    name: 'ssm',
    targetPrefix: 'AmazonSSM',
    messageMember: 'message',
    resourceMembers: ['Name', 'Names', 'Path'],
    save,
    operations: {
      DeleteParameter,
      DeleteParameters,
      GetParameter,
      GetParameters,
      GetParametersByPath,
      PutParameter,
    },
  });
}
