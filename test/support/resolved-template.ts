import type { Statement } from '../../local/iam/policy-evaluator.ts';
import type { Resource, Template } from './synthesised.ts';

export const ACCOUNT = '111122223333';
export const REGION = 'eu-central-1';

const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::AccountId': ACCOUNT,
  'AWS::Partition': 'aws',
  'AWS::Region': REGION,
  'AWS::URLSuffix': 'amazonaws.com',
};

const regional = (service: string, resource: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;

/** The suffix that every secret gets here. */
export const SECRET_SUFFIX = '-AbCdEf';

type ArnOf = (id: string, property: (name: string) => unknown) => string;

/** What a resource's `Arn` will be, for the types whose ARNs stand in policies. */
const ARNS: Readonly<Record<string, ArnOf>> = {
  'AWS::DynamoDB::Table': (_, property) => regional('dynamodb', `table/${property('TableName')}`),
  'AWS::IAM::Role': (id, property) => `arn:aws:iam::${ACCOUNT}:role/${property('RoleName') ?? id}`,
  'AWS::KMS::Key': (id) => regional('kms', `key/${id}`),
  'AWS::Lambda::Function': (_, property) => regional('lambda', `function:${property('FunctionName')}`),
  'AWS::Logs::LogGroup': (id) => regional('logs', `log-group:${id}:*`),
  'AWS::SQS::Queue': (id) => regional('sqs', id),
  'AWS::Scheduler::ScheduleGroup': (_, property) =>
    regional('scheduler', `schedule-group/${property('Name')}`),
};

/** What `Ref` gives where that is an ARN. */
const REF_ARNS: typeof ARNS = {
  'AWS::SecretsManager::Secret': (_, property) =>
    regional('secretsmanager', `secret:${property('Name')}${SECRET_SUFFIX}`),
};

/**
 * Templates as CloudFormation would see them in an account: references, exports and joins become text.
 * @throws Error for a function or a reference that this does not know
 */
export class ResolvedTemplates {
  readonly #templates: readonly Template[];

  constructor(templates: Iterable<Template>) {
    this.#templates = [...templates];
  }

  /** The statements of all policies that are attached to the role whose logical id begins so. */
  statementsOf(roleIdPrefix: string): readonly Statement[] {
    const statements = this.#resources('AWS::IAM::Policy').flatMap(({ template, resource }) => {
      const roles = resource.Properties['Roles'] as { Ref: string }[] | undefined;
      const isTheirs = roles?.some(({ Ref }) => Ref.startsWith(roleIdPrefix));
      return isTheirs ? this.#statements(template, resource.Properties['PolicyDocument']) : [];
    });
    if (statements.length === 0) throw new Error(`no policy of a role called ${roleIdPrefix}…`);
    return statements;
  }

  /** The statements of the policy document in a resource whose logical id begins so, such as a key or a managed policy. */
  documentOf(type: string, property: string, idPrefix = ''): readonly Statement[] {
    return this.#resources(type)
      .filter(({ id }) => id.startsWith(idPrefix))
      .flatMap(({ template, resource }) => this.#statements(template, resource.Properties[property]));
  }

  /** The ARN of the resource whose logical id begins so. */
  arnOf(idPrefix: string, type: string): string {
    const [found] = this.#resources(type).filter(({ id }) => id.startsWith(idPrefix));
    if (found === undefined) throw new Error(`no ${type} called ${idPrefix}…`);
    return this.#arn(found.template, found.id);
  }

  #statements(template: Template, document: unknown): readonly Statement[] {
    return (this.#resolve(template, document) as { Statement: Statement[] }).Statement;
  }

  #resources(type: string) {
    return this.#templates.flatMap((template) =>
      Object.entries(template.Resources)
        .filter(([, { Type }]) => Type === type)
        .map(([id, resource]) => ({ template, id, resource })),
    );
  }

  #resolve(template: Template, value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((item) => this.#resolve(template, item));
    const [[name, argument] = ['', undefined], ...more] = Object.entries(value);
    if (more.length === 0 && (name === 'Ref' || name.startsWith('Fn::'))) {
      return this.#call(template, name, argument);
    }
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, this.#resolve(template, one)]));
  }

  #call(template: Template, name: string, argument: unknown): unknown {
    switch (name) {
      case 'Ref':
        return this.#ref(template, String(argument));
      case 'Fn::GetAtt': {
        const [id, attribute] = argument as [string, string];
        if (attribute !== 'Arn') throw new Error(`cannot resolve ${id}.${attribute}`);
        return this.#arn(template, id);
      }
      case 'Fn::Join': {
        const [separator, parts] = argument as [string, unknown[]];
        return parts.map((part) => this.#resolve(template, part)).join(separator);
      }
      case 'Fn::ImportValue':
        return this.#import(String(argument));
      default:
        throw new Error(`cannot resolve ${name}`);
    }
  }

  #ref(template: Template, id: string): string {
    const pseudo = PSEUDO[id];
    if (pseudo !== undefined) return pseudo;
    const resource = this.#resource(template, id);
    return REF_ARNS[resource.Type]?.(id, this.#propertiesOf(template, resource)) ?? id;
  }

  #arn(template: Template, id: string): string {
    const resource = this.#resource(template, id);
    const arn = ARNS[resource.Type];
    if (arn === undefined) throw new Error(`cannot tell the ARN of a ${resource.Type}`);
    return arn(id, this.#propertiesOf(template, resource));
  }

  #propertiesOf(template: Template, { Properties = {} }: Resource) {
    return (name: string) => this.#resolve(template, Properties[name]);
  }

  #resource(template: Template, id: string): Resource {
    const resource = template.Resources[id];
    if (resource === undefined) throw new Error(`there is no resource ${id}`);
    return resource;
  }

  #import(name: string): unknown {
    for (const template of this.#templates) {
      const output = Object.values(template.Outputs ?? {}).find(({ Export }) => Export?.Name === name);
      if (output) return this.#resolve(template, output.Value);
    }
    throw new Error(`nothing exports ${name}`);
  }
}
