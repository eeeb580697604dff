"""Reads access tokens that Evertoken keeps fresh. Needs boto3."""

import json
import time

import boto3

secrets = boto3.client("secretsmanager")
cache: dict[str, tuple[str, float]] = {}  # by name: the token, and when to read it again


def access_token(name: str, rejected: str | None = None) -> str:
    """The token of a connection. After a 401, pass the token that was rejected."""
    token, read_again_at = cache.get(name, (None, 0))
    if token is None or token == rejected or time.time() >= read_again_at:
        answer = secrets.get_secret_value(SecretId=f"evertoken/tokens/{name}")
        secret = json.loads(answer["SecretString"])
        token, expires_at = secret["access_token"], secret["expires_at"]
        if expires_at <= time.time():
            raise RuntimeError(f"the token of {name} has expired; see: evertoken status {name}")
        cache[name] = (token, min(expires_at - 60, time.time() + 300))
    return token
