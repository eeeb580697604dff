import { createHash } from 'node:crypto';
import { arn, epochSeconds, type Identity } from '../caller-identity.ts';
import { AwsError } from '../wire/error-answer.ts';
import type {
  ParameterRecord,
  ParametersState,
  ParameterType,
  PutParameterInput,
} from './parameter-record.ts';
import {
  checkParameterName,
  checkParameterValue,
  chooseTier,
  liesUnder,
  validation,
} from './parameter-rules.ts';

export interface ParameterChange {
  readonly name: string;
  readonly operation: 'Create' | 'Update' | 'Delete';
  readonly type: ParameterType;
}

/** The parameters of one account and Region. Methods throw AwsError with Parameter Store's names. */
export class Parameters {
  readonly #identity: Identity;
  readonly #onChange: (change: ParameterChange) => void;
  readonly #byName = new Map<string, ParameterRecord>();

  constructor(identity: Identity, onChange: (change: ParameterChange) => void) {
    this.#identity = identity;
    this.#onChange = onChange;
  }

  restore(state: ParametersState): void {
    for (const record of state.parameters) this.#byName.set(record.name, record);
  }

  snapshot(): ParametersState {
    return { schema: 1, parameters: [...this.#byName.values()] };
  }

  put(request: PutParameterInput): ParameterRecord {
    const name = this.#nameOf(request.Name);
    checkParameterName(name);
    checkParameterValue(request.Value);
    const existing = this.#byName.get(name);
    if (existing && !request.Overwrite) {
      throw new AwsError(
        'ParameterAlreadyExists',
        'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
      );
    }
    const type = request.Type ?? existing?.type;
    if (!type) throw validation('A parameter type is required when you create a parameter.');
    if (existing && existing.type !== type) {
      throw new AwsError(
        'HierarchyTypeMismatchException',
        `The type of a parameter can't be changed from ${existing.type} to ${type}.`,
      );
    }
    if (request.KeyId !== undefined && type !== 'SecureString') {
      throw validation('KeyId is required for SecureString type parameter only.');
    }
    const record: ParameterRecord = {
      name,
      type,
      value: request.Value,
      tier: chooseTier(request.Value, request.Tier, existing?.tier),
      // Without a key id it is aws/ssm again, whatever it was.
      ...(request.KeyId !== undefined && { keyId: request.KeyId }),
      version: (existing?.version ?? 0) + 1,
      modifiedAt: this.#identity.clock.now(),
    };
    this.#byName.set(name, record);
    this.#onChange({ name, operation: existing ? 'Update' : 'Create', type });
    return record;
  }

  find(nameOrArn: string): ParameterRecord | undefined {
    const name = this.#nameOf(nameOrArn);
    if (name.includes(':'))
      throw validation('This local endpoint serves no versions or labels of a parameter.');
    return this.#byName.get(name);
  }

  /** What a policy asks about a parameter. */
  reference(nameOrArn: string): Pick<ParameterRecord, 'type' | 'tier' | 'keyId'> | undefined {
    return this.#byName.get(this.#nameOf(nameOrArn));
  }

  under(path: string, recursive: boolean): ParameterRecord[] {
    return [...this.#byName.values()].filter(({ name }) => liesUnder(name, path, recursive));
  }

  /** @returns `false` when there was none */
  delete(nameOrArn: string): boolean {
    const record = this.#byName.get(this.#nameOf(nameOrArn));
    if (!record) return false;
    this.#byName.delete(record.name);
    this.#onChange({ name: record.name, operation: 'Delete', type: record.type });
    return true;
  }

  arnOf(name: string): string {
    return arn(this.#identity, 'ssm', `parameter${name.startsWith('/') ? '' : '/'}${name}`);
  }

  /** What GetParameter tells of it. Without decryption a SecureString is shown as ciphertext would be. */
  answer(record: ParameterRecord, decrypt: boolean): object {
    const sealed = record.type === 'SecureString' && !decrypt;
    return {
      Name: record.name,
      Type: record.type,
      Value: sealed ? this.#ciphertext(record) : record.value,
      Version: record.version,
      LastModifiedDate: epochSeconds(record.modifiedAt),
      ARN: this.arnOf(record.name),
      DataType: 'text',
    };
  }

  #nameOf(nameOrArn: string): string {
    const prefix = this.arnOf('/');
    if (!nameOrArn.startsWith(prefix)) return nameOrArn;
    const rest = nameOrArn.slice(prefix.length);
    return this.#byName.has(rest) ? rest : `/${rest}`;
  }

  #ciphertext(record: ParameterRecord): string {
    const digest = createHash('sha512').update(`${record.name}:${record.version}:${record.value}`).digest();
    return Buffer.concat([Buffer.from([1, 2, 2, 0]), digest]).toString('base64');
  }
}
