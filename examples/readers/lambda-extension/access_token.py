"""Reads access tokens that Evertoken keeps fresh, through the AWS Parameters and Secrets Lambda extension,
which caches them for 300 s, or for SECRETS_MANAGER_TTL. Call it in the handler: earlier, it is not ready yet.
"""

import json
import os
import time
import urllib.parse
import urllib.request

PORT = os.environ.get("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT", "2773")


def access_token(name: str) -> str:
    query = urllib.parse.urlencode({"secretId": f"evertoken/tokens/{name}"})
    request = urllib.request.Request(
        f"http://localhost:{PORT}/secretsmanager/get?{query}",
        headers={"X-Aws-Parameters-Secrets-Token": os.environ["AWS_SESSION_TOKEN"]},
    )
    with urllib.request.urlopen(request, timeout=5) as response:
        secret = json.loads(json.load(response)["SecretString"])
    if secret["expires_at"] <= time.time():
        raise RuntimeError(f"the token of {name} has expired; see: evertoken status {name}")
    return secret["access_token"]
