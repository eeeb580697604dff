import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import type { Connection } from '../../../functions/connections/connection.ts';
import type { ConnectionState } from '../../../functions/refresh/connection-state.ts';
import { AwsError } from '../../../local/aws/wire/error-answer.ts';
import { createLocalAwsClients } from '../../../local/endpoint-clients.ts';
import { type Deployment, startDeployment } from '../../support/deployment.ts';
import { type CommandResult, type RunOptions, runCommand } from './run-command.ts';

/** The demo's deployment, with the command pointed at it. */
export interface CliDeployment extends Deployment {
  run(args: readonly string[], options?: RunOptions): Promise<CommandResult>;
  state(name: string): Promise<ConnectionState | undefined>;
  /** Declares a connection as CDK does, and lets the deployment hear of it. */
  declare(name: string, connection: Connection): Promise<void>;
  /** The declaration in Parameter Store; `undefined` when there is none. */
  declaration(name: string): Promise<Record<string, unknown> | undefined>;
  /** Makes a secret of somebody's own; answers with its ARN. */
  create(name: string, value: object): Promise<string>;
  /** From now on AWS refuses this operation, or none again. */
  deny(operation: string | undefined): void;
}

export async function startCliDeployment(options: { readonly speed?: number } = {}): Promise<CliDeployment> {
  const deployment = await startDeployment(options);
  const { system, clock } = deployment;
  const { endpoint, providers } = system;
  const { ssm, secretsManager } = createLocalAwsClients(endpoint.url);
  const origins = [providers.kajabi, providers.slashid, providers.rotating].map(({ origin }) => origin);
  const parameter = (name: string) => `/evertoken/connections/${name}`;
  return {
    ...deployment,
    run: (args, more = {}) =>
      runCommand(args, {
        endpointUrl: endpoint.url,
        clock,
        ...more,
        env: { EVERTOKEN_ALLOWED_TOKEN_ORIGINS: origins.join(' '), ...more.env },
      }),
    state: (name) => system.functions.composition.ports.state.get(name),
    declare: async (name, connection) => {
      const Value = JSON.stringify(connection);
      await ssm.send(
        new PutParameterCommand({ Name: parameter(name), Value, Type: 'String', Overwrite: true }),
      );
      await endpoint.idle();
    },
    declaration: async (name) => {
      try {
        const { Parameter } = await ssm.send(new GetParameterCommand({ Name: parameter(name) }));
        return JSON.parse(Parameter?.Value ?? '');
      } catch (error) {
        if ((error as Error).name === 'ParameterNotFound') return undefined;
        throw error;
      }
    },
    create: async (name, value) => {
      const SecretString = JSON.stringify(value);
      const { ARN = '' } = await secretsManager.send(new CreateSecretCommand({ Name: name, SecretString }));
      return ARN;
    },
    deny: (operation) => {
      const message = `User: me is not authorized to perform: ${operation}`;
      const refusal = new AwsError('AccessDeniedException', message);
      endpoint.inject =
        operation === undefined
          ? undefined
          : (_, called) => (called === operation ? { before: refusal } : undefined);
    },
  };
}
