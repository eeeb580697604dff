"""Reads access tokens that Evertoken keeps fresh, through the AWS Parameters and Secrets Lambda extension,
which caches them for 300 s, or for SECRETS_MANAGER_TTL, and those that live for minutes for
SSM_PARAMETER_STORE_TTL: set that to 30 at most. Call it in the handler: earlier, it is not ready yet.
"""

import json
import os
import time
import urllib.parse
import urllib.request

PORT = os.environ.get("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT", "2773")


def _get(path: str, **query: str) -> dict:
    request = urllib.request.Request(
        f"http://localhost:{PORT}{path}?{urllib.parse.urlencode(query)}",
        headers={"X-Aws-Parameters-Secrets-Token": os.environ["AWS_SESSION_TOKEN"]},
    )
    with urllib.request.urlopen(request, timeout=5) as response:
        return json.load(response)


def access_token(name: str) -> str:
    stored = json.loads(_get("/secretsmanager/get", secretId=f"evertoken/tokens/{name}")["SecretString"])
    if "access_token" not in stored and "parameter" in stored:  # there a short-lived token lies
        answer = _get("/systemsmanager/parameters/get", name=stored["parameter"], withDecryption="true")
        stored = json.loads(answer["Parameter"]["Value"])
    if stored["expires_at"] <= time.time():
        raise RuntimeError(f"the token of {name} has expired; see: evertoken status {name}")
    return stored["access_token"]
