// Reads access tokens that Evertoken keeps fresh, through the AWS Parameters and Secrets Lambda extension,
// which caches them for 300 s, or for SECRETS_MANAGER_TTL, and those that live for minutes for
// SSM_PARAMETER_STORE_TTL: set that to 30 at most. Call it in the handler: earlier, it is not ready yet.

const port = process.env.PARAMETERS_SECRETS_EXTENSION_HTTP_PORT ?? '2773';

export async function accessToken(name) {
  const secretId = `evertoken/tokens/${name}`;
  const secret = await get('/secretsmanager/get', { secretId });
  let stored = parse(secret.SecretString);
  if (!stored?.access_token && stored?.parameter) {
    // There a short-lived token lies.
    const query = { name: stored.parameter, withDecryption: 'true' };
    stored = parse((await get('/systemsmanager/parameters/get', query)).Parameter.Value);
  }
  const { access_token, expires_at } = stored ?? {};
  if (!access_token || !(expires_at * 1000 > Date.now())) {
    throw new Error(`${secretId} holds no token, or an expired one; see: evertoken status ${name}`);
  }
  return access_token;
}

async function get(path, query) {
  const url = `http://localhost:${port}${path}?${new URLSearchParams(query)}`;
  const headers = { 'X-Aws-Parameters-Secrets-Token': process.env.AWS_SESSION_TOKEN };
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(5_000) });
  if (!response.ok)
    throw new Error(`${query.secretId ?? query.name}: the extension answered ${response.status}`);
  return response.json();
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // The error of the parser quotes what it read.
  }
}
