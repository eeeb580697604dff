import { Duration } from 'aws-cdk-lib';
import { CustomWidget, type IWidget } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { allow, dynamodb, stateStatements } from './function-permissions.ts';
import type { RefresherFunction, RefresherFunctionProps } from './refresher-function.ts';
import type { TokenStorage } from './token-storage.ts';

/** What a dashboard shows of connections, and whether it has buttons. */
export type StatusWidgetKind = 'with-buttons' | 'read-only' | 'none';

type OwnProps = Pick<
  RefresherFunctionProps,
  'handler' | 'description' | 'statements' | 'wildcards' | 'asynchronous'
>;

/** @internal */
export interface StatusWidgetProps {
  readonly storage: TokenStorage;
  readonly kind: StatusWidgetKind;
  /** What "refresh now" invokes. */
  readonly refreshNow: IFunction;
  readonly createFunction: (id: string, own: OwnProps) => RefresherFunction;
}

/** Items of connections: whoever changes those changes no lease of a tick, budget or note beside them. */
const CONNECTION_ITEMS = 'connection#*';

/**
 * The status page as a widget of the dashboard. Two functions draw it: one that may only read the state, and one that
 * also does what buttons ask for. A dashboard invokes either with the credentials of whoever looks at it, so that it is
 * their policies that decide who sees connections and who may refresh and pause them.
 * @internal
 */
export class StatusWidget extends Construct {
  /** Those that whoever looks, and presses, must be allowed to invoke. */
  readonly functions: readonly IFunction[];
  /** Absent where there is to be none. */
  readonly widget: IWidget | undefined;

  constructor(
    scope: Construct,
    id: string,
    { storage, kind, refreshNow, createFunction }: StatusWidgetProps,
  ) {
    super(scope, id);
    if (kind === 'none') {
      this.functions = [];
      return;
    }
    const shared = {
      wildcards: [],
      // Nobody waits for a page that was asked for in passing.
      asynchronous: { retryAttempts: 0, maxEventAge: Duration.seconds(60) },
    };
    const looking = createFunction('StatusWidget', {
      ...shared,
      handler: 'status-widget',
      description: 'Shows in the dashboard how connections stand; changes nothing',
      statements: readingStatements(this, storage),
    });
    this.widget = new CustomWidget({
      title: 'Connections',
      functionArn: looking.function.functionArn,
      width: 24,
      height: 16,
      updateOnResize: false,
      updateOnTimeRangeChange: false,
    });
    if (kind === 'read-only') {
      this.functions = [looking.function];
      return;
    }
    const acting = createFunction('StatusAction', {
      ...shared,
      handler: 'status-action',
      description: 'Refreshes, pauses and resumes connections for the buttons of the dashboard',
      statements: [
        ...readingStatements(this, storage),
        allow('PauseConnections', dynamodb('UpdateItem'), [storage.table.tableArn], {
          'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [CONNECTION_ITEMS] },
          // For all of no values, anything holds.
          Null: { 'dynamodb:LeadingKeys': 'false' },
        }),
        allow('AskForRefresh', ['lambda:InvokeFunction'], [refreshNow.functionArn]),
      ],
    });
    looking.function.addEnvironment('EVERTOKEN_STATUS_BUTTONS', 'true');
    this.functions = [looking.function, acting.function];
  }
}

/** All connections, the last tick, and the history of one. */
function readingStatements(scope: Construct, storage: TokenStorage) {
  return stateStatements(scope, storage, ['BatchGetItem', 'GetItem', 'Scan']);
}
