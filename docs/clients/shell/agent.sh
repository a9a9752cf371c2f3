#!/bin/sh
# Talks to wg-agent: shows its networks, brings one up, and follows what happens meanwhile.
#
#     agent.sh SOCKET NETWORK
#
# Needs socat, or the nc of OpenBSD (netcat-openbsd). For scripts, "wg-agent status --json" and its like are easier;
# this shows that a shell can do without them. With jq at hand, let it read the JSON instead of sed. docs/api.md has
# every method.
set -eu
socket=$1
network=$2

# One connection for everything: what is written to 3 is sent, what comes is read from 4.
pipes=$(mktemp -d)
mkfifo "$pipes/in" "$pipes/out"
if command -v socat >/dev/null; then
  socat - "UNIX-CONNECT:$socket" <"$pipes/in" >"$pipes/out" &
else
  nc -U "$socket" <"$pipes/in" >"$pipes/out" &
fi
transport=$!
trap 'exec 3>&-; kill "$transport" 2>/dev/null || :; rm -rf "$pipes"' EXIT
exec 3>"$pipes/in" 4<"$pipes/out"

# The text of member $2 in the JSON $1, the first of that name.
member() {
  printf '%s' "$1" | sed -n 's/.*"'"$2"'":"\([^"]*\)".*/\1/p' | head -n 1
}

# Sends method $2 with params $3 under id $1, and puts the reply into $reply. Events that come first are printed.
ask() {
  printf '{"jsonrpc":"2.0","id":%s,"method":"%s","params":%s}\n' "$1" "$2" "$3" >&3
  while IFS= read -r reply <&4; do
    case $reply in
      *'"method":"event"'*) event "$reply" ;;
      *'"error":'*)
        echo "refused: $(member "$reply" type): $(member "$reply" message)" >&2
        exit 1
        ;;
      *) return ;;
    esac
  done
  echo 'the agent closed the connection: see its log' >&2
  exit 1
}

state=''
event() {
  [ "$(member "$1" network)" = "$network" ] || return 0
  state=$(member "$1" to)
  echo "event: $(member "$1" from) -> $state"
}

ask 1 list '{}'
printf '%s\n' "$reply" | sed 's/},{/}\n{/g' | while IFS= read -r found; do
  echo "$(member "$found" network): $(member "$found" state)"
done

ask 2 subscribe '{"topics":["state"]}'
ask 3 connect '{"network":"'"$network"'"}'
connected=$reply
while [ "$state" != active ] && IFS= read -r line <&4; do
  event "$line"
done
echo "connected: $network on $(member "$connected" interface)"
