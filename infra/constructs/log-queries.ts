import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { QueryDefinition, QueryString, type QueryStringProps } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

export interface LogQueriesProps {
  readonly namespace: string;
  readonly functions: readonly LambdaFunction[];
}

/** What is asked of the logs, where the history of a connection ends: in the console, by name, in a folder of the namespace. */
export class LogQueries extends Construct {
  constructor(scope: Construct, id: string, { namespace, functions }: LogQueriesProps) {
    super(scope, id);
    for (const [queryId, { title, query }] of Object.entries(LOG_QUERIES)) {
      new QueryDefinition(this, queryId, {
        queryDefinitionName: `${namespace}/${title}`,
        queryString: new QueryString(query),
        logGroups: functions.map(({ logGroup }) => logGroup),
      });
    }
  }
}

/** By the words and fields that `steps/announce.ts` and `steps/remember-outcome.ts` log. */
export const LOG_QUERIES: Readonly<
  Record<string, { readonly title: string; readonly query: QueryStringProps }>
> = {
  Failed: {
    title: 'What failed last night',
    query: {
      filterStatements: ['message = "refresh failed"'],
      statsStatements: [
        'count(*) as times, min(@timestamp) as began, max(@timestamp) as ended by connection, code, reason',
      ],
      sort: 'began asc',
      limit: 200,
    },
  },
  Slow: {
    title: 'Slowest providers',
    query: {
      filterStatements: ['message = "tried"', 'ispresent(exchangeMs)'],
      statsStatements: [
        'count(*) as exchanges, pct(exchangeMs, 50) as p50, pct(exchangeMs, 99) as p99, max(exchangeMs) as most by provider',
      ],
      sort: 'p99 desc',
      limit: 50,
    },
  },
  Late: {
    title: 'Who was late',
    query: {
      filterStatements: ['message = "tried"', 'lateMs > 60000'],
      statsStatements: [
        'count(*) as times, max(lateMs) / 1000 as mostSeconds, max(@timestamp) as last by connection, provider',
      ],
      sort: 'mostSeconds desc',
      limit: 200,
    },
  },
};
