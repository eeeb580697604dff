# Reads an access token that Evertoken keeps fresh into $ACCESS_TOKEN. Needs the AWS CLI.
#
#   . ./access-token.sh
#   access_token crm && printf 'Authorization: Bearer %s' "$ACCESS_TOKEN" | curl --header @- https://api.example.com
#
# It is read again after 300 s, or when it has less than 60 s left, or a tenth of its life if that is less.
# After a 401: access_token crm again

access_token() {
  now=$(date +%s)
  if [ "${2-}" != again ] && [ "${ACCESS_TOKEN_OF-}" = "$1" ] && [ "$now" -lt "$ACCESS_TOKEN_UNTIL" ]; then return 0; fi
  ACCESS_TOKEN='' ACCESS_TOKEN_OF=''
  stored=$(aws secretsmanager get-secret-value --secret-id "evertoken/tokens/$1" --query SecretString --output text) || return
  token=$(printf %s "$stored" | sed -nE 's/.*"access_token":"([^"\\]+)".*/\1/p')
  parameter=$(printf %s "$stored" | sed -nE 's/.*"parameter":"([^"\\]+)".*/\1/p')
  if [ -z "$token" ] && [ -n "$parameter" ]; then # there a short-lived token lies
    stored=$(aws ssm get-parameter --name "$parameter" --with-decryption --query Parameter.Value --output text) || return
    token=$(printf %s "$stored" | sed -nE 's/.*"access_token":"([^"\\]+)".*/\1/p')
  fi
  expires_at=$(printf %s "$stored" | sed -nE 's/.*"expires_at":([0-9]+).*/\1/p')
  obtained_at=$(printf %s "$stored" | sed -nE 's/.*"obtained_at":([0-9]+).*/\1/p')
  if [ -z "$token" ] || [ "${expires_at:-0}" -le "$now" ]; then
    echo "there is no token of $1, or it has expired; see: evertoken status $1" >&2
    return 1
  fi
  left=$(((expires_at - ${obtained_at:-0}) / 10))
  if [ "$left" -gt 60 ]; then left=60; fi
  ACCESS_TOKEN=$token ACCESS_TOKEN_OF=$1 ACCESS_TOKEN_UNTIL=$((expires_at - left))
  if [ "$ACCESS_TOKEN_UNTIL" -gt $((now + 300)) ]; then ACCESS_TOKEN_UNTIL=$((now + 300)); fi
}
