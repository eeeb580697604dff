import { parseSecretJson, serialiseSecretJson } from '../../functions/aws/secrets/secret-json.ts';
import { CREDENTIAL_FIELDS } from '../../functions/connections/needed-credentials.ts';
import { didYouMean } from '../../functions/connections/parse/suggestions.ts';
import { Secret } from '../../functions/oauth/secret.ts';
import { WrongUsage } from '../command-failed.ts';

const WHERE = 'standard input';

/**
 * Credentials as a person piped them in: a JSON object of strings, by RFC name; a private key may be a JWK.
 * Answers with the text to store. No message repeats a value.
 * @throws WrongUsage
 */
export function readCredentialsInput(text: Secret): {
  readonly text: Secret;
  readonly fields: readonly string[];
} {
  const fields = parse(text);
  const names = Object.keys(fields).filter((name) => name !== 'schema');
  if (names.length === 0)
    throw new WrongUsage(`${WHERE}: the object has no field of ${CREDENTIAL_FIELDS.join(', ')}.`);
  for (const name of names) {
    const value = fields[name];
    if (!CREDENTIAL_FIELDS.some((known) => known === name)) {
      throw new WrongUsage(
        `${WHERE}: "${name}" is no field of credentials${didYouMean(name, CREDENTIAL_FIELDS)}; they are ${CREDENTIAL_FIELDS.join(', ')}`,
      );
    }
    const isKeyObject =
      name === 'private_key' && typeof value === 'object' && value !== null && !Array.isArray(value);
    if (isKeyObject && !(value instanceof Secret)) continue;
    if (!(value instanceof Secret) || value.byteLength === 0) {
      throw new WrongUsage(`${WHERE}: "${name}" must be a string that is not empty.`);
    }
  }
  return { text: serialiseSecretJson({ ...fields, schema: 1 }), fields: names };
}

function parse(text: Secret) {
  try {
    return parseSecretJson(text, WHERE);
  } catch {
    // The message of the parser may quote what it read.
    throw new WrongUsage(
      `${WHERE} holds no JSON object; expected e.g. {"client_id": "…", "client_secret": "…"}`,
    );
  }
}
