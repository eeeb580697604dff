import {
  credentialsObject,
  readAllowedOrigins,
  readCredentialFields,
  shownName,
} from '../../functions/aws/secrets/parse-credentials.ts';
import { readSecretJson, type SecretFields } from '../../functions/aws/secrets/secret-json.ts';
import { refuseNewerSchema } from '../../functions/aws/stored-schema.ts';
import { CREDENTIAL_FIELDS, misspeltField } from '../../functions/connections/needed-credentials.ts';
import type { Secret } from '../../functions/oauth/secret.ts';
import { StoreError } from '../../functions/refresh/ports/stores.ts';
import { didYouMean } from '../../functions/text/near-name.ts';
import { WrongUsage } from '../command-failed.ts';

/**
 * Credentials as a person brought them: a JSON object of strings, read as the refresher reads them; a private key
 * may be a JWK. Answers with the fields to store, under our own names. No message repeats a value.
 * @param where names their place in errors
 * @throws WrongUsage
 */
export function readCredentialsInput(
  text: Secret,
  where = 'standard input',
): {
  readonly values: SecretFields;
  readonly fields: readonly string[];
  /** Where they may be sent, where the input says it. */
  readonly allowed: readonly string[] | undefined;
} {
  const { values, others, unusable, empty, allowed } = parse(text, where);
  // What a preset may name is stored too, unless it is one of ours but for a letter or two.
  const misspelt = Object.keys(others).find((name) => misspeltField(name) !== undefined);
  const stranger = misspelt ?? unusable[0];
  if (stranger !== undefined) {
    throw new WrongUsage(
      `${where}: "${stranger}" is no field of credentials${didYouMean(stranger, CREDENTIAL_FIELDS)}; they are ${CREDENTIAL_FIELDS.join(', ')}`,
    );
  }
  if (empty[0] !== undefined) {
    throw new WrongUsage(`${where}: "${empty[0]}" must be a string that is not empty.`);
  }
  const known = CREDENTIAL_FIELDS.filter((field) => values[field] !== undefined);
  const fields = [...known, ...Object.keys(others).map(shownName)];
  if (fields.length === 0)
    throw new WrongUsage(`${where}: the object has no field of ${CREDENTIAL_FIELDS.join(', ')}.`);
  const stored = Object.fromEntries(known.map((field) => [field, asStored(field, values[field] as Secret)]));
  return { values: { ...stored, ...others }, fields, allowed };
}

/** A JWK stays the object that it is. */
function asStored(field: string, value: Secret): unknown {
  const jwk = field === 'private_key' ? readSecretJson(value) : undefined;
  return jwk !== undefined && 'fields' in jwk ? jwk.fields : value;
}

function parse(text: Secret, where: string) {
  try {
    const fields = credentialsObject(text, where);
    refuseNewerSchema(fields['schema'], where);
    return { ...readCredentialFields(fields, where), allowed: readAllowedOrigins(fields, where) };
  } catch (error) {
    if (error instanceof StoreError) throw new WrongUsage(`${error.message}.`);
    throw error;
  }
}
