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
        stored = json.loads(answer["SecretString"])
        if "access_token" not in stored and "parameter" in stored:  # there a short-lived token lies
            answer = boto3.client("ssm").get_parameter(Name=stored["parameter"], WithDecryption=True)
            stored = json.loads(answer["Parameter"]["Value"])
        token, expires_at = stored["access_token"], stored["expires_at"]
        if expires_at <= time.time():
            raise RuntimeError(f"the token of {name} has expired; see: evertoken status {name}")
        left = min(60, (expires_at - stored.get("obtained_at", 0)) / 10)
        cache[name] = (token, min(expires_at - left, time.time() + 300))
    return token
