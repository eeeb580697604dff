# Runs the snippet that it is given, one command a line; see ../support/driver.ts.
set -eu
. "$1"

offset=0
date() { echo $(($(command date "$@") + offset)); }

while read -r command argument; do
  case $command in
    later) offset=$((offset + argument)); echo done; continue ;;
    rejected) again=again ;;
    *) again= ;;
  esac
  # Not in a subshell, which would lose the cache.
  if access_token "$argument" $again 2>"$2"; then
    echo "token $(printf %s "$ACCESS_TOKEN" | sha256sum | cut -d' ' -f1)"
  else
    echo "error $(tr '\n' ' ' <"$2")"
  fi
done
