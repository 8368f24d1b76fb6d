#!/bin/sh
# Backs up the Redis of Handover while everything runs (docs/operations/backup-and-restore.md).
#
#   backup.sh [file.rdb] [options of redis-cli ...]
#
# The address of Redis: REDIS_URL, or the options of redis-cli (-h, -p, --tls, --cacert ...). The password: there, or in REDISCLI_AUTH.
# QUEUE_PREFIX as for Handover, unless it is {handover}. By default the file is named after the time, in UTC.
#
# While the snapshot is taken, {prefix}:redis:known holds the run id of this Redis. A Redis with another run id that finds it
# was restored from a backup, and starts the recovery period (presence.lua).
set -eu
umask 077
LC_ALL=C
export LC_ALL

tell() { printf 'backup.sh: %s\n' "$*" >&2; }

program() {
  command -v "redis-$1" || command -v "valkey-$1" && return
  tell "redis-$1 is not on the PATH. Install redis-tools, or run this in the image of your Redis."
  return 1
}

# A line of INFO.
field() { printf '%s\n' "$info" | sed -n "s/^$1:\([^[:cntrl:]]*\).*/\1/p"; }

first_line() { printf '%s\n' "$1" | tr -d '\r' | head -n 1; }
last_line() { printf '%s\n' "$1" | tr -d '\r' | sed -e '/^ *$/d' | tail -n 1; }

# Decodes percent-encoding: %40 is @.
decode() {
  rest=$1
  while [ "$rest" != "${rest#*%}" ]; do
    printf '%s' "${rest%%\%*}"
    rest=${rest#*%}
    # shellcheck disable=SC2059 # The format is the character, as an octal number.
    printf "\\$(printf '%03o' "0x$(printf '%.2s' "$rest")")"
    rest=${rest#??}
  done
  printf '%s' "$rest"
}

cli=$(program cli)
check=$(program check-rdb)

case ${1:--} in
  -*) file=handover-$(date -u +%Y%m%dT%H%M%SZ).rdb ;;
  *)
    file=$1
    shift
    ;;
esac
if [ -e "$file" ]; then
  tell "$file is there already, and a backup overwrites nothing. Name another file."
  exit 1
fi
if [ ! -d "$(dirname "$file")" ] || [ ! -w "$(dirname "$file")" ]; then
  tell "$file cannot be written: $(dirname "$file") is no directory, or not ours. Make it, or name another file."
  exit 1
fi

# A password on the command line could be read by every user of this machine, so redis-cli gets it in its environment.
url=${REDIS_URL:-}
user=
case $url in
  *://*@*)
    login=${url#*://}
    login=${login%@*}
    url=${url%%://*}://${url##*@}
    case $login in *:*) user=$(decode "${login%%:*}") ;; esac
    REDISCLI_AUTH=$(decode "${login#*:}")
    export REDISCLI_AUTH
    ;;
esac
where=${url:-Redis}

# From here on "$@" is the Redis command. No function exits, so that the trap finds "$@" unchanged.
set -- "$cli" --no-auth-warning ${url:+-u "$url"} ${user:+--user "$user"} "$@"

default='{handover}'
known=${QUEUE_PREFIX:-$default}:redis:known
part=$file.$$.part
said=$part.log
run_id=
is_marked=
snapshot=

clean_up() {
  if [ -n "$snapshot" ]; then kill "$snapshot" 2>/dev/null || true; fi
  rm -f "$part" "$said"
  if [ -z "$is_marked" ]; then return; fi
  is_marked=
  answer=$("$@" HDEL "$known" backup 2>&1 </dev/null) || true
  case $answer in
    0 | 1) ;;
    *)
      tell "the mark is still in $where ($(last_line "$answer")). It moves no call: after the next restart of this Redis the" \
        "recovery period opens once. To take it away: redis-cli HDEL '$known' backup"
      ;;
  esac
}
trap 'clean_up "$@"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

info=$("$@" INFO 2>&1 </dev/null) || true
run_id=$(field run_id)
if [ -z "$run_id" ]; then
  tell "$where does not answer INFO: $(first_line "$info")." \
    "Are the address, the password and the rights of the user (+info) right?"
  exit 1
fi
if [ "$(field role)" = slave ]; then
  tell "$where is a replica of $(field master_host):$(field master_port), and takes no mark. Name the primary."
  exit 1
fi

is_marked=yes
answer=$("$@" HSET "$known" backup "$run_id" 2>&1 </dev/null) || true
case $answer in
  0 | 1) ;;
  *)
    is_marked=
    tell "$where does not take the mark (HSET $known): $(last_line "$answer")." \
      "It must be the primary that has these keys, and the user needs +hset, +hget and +hdel on them."
    exit 1
    ;;
esac

# A snapshot that started before the mark would lack it, and Redis shares a running snapshot with later requests.
while :; do
  info=$("$@" INFO 2>&1 </dev/null) || true
  if [ "$(field run_id)" != "$run_id" ]; then
    tell "$where restarted, or does not answer any more: $(first_line "$info"). Run this again."
    exit 1
  fi
  if [ "$(field rdb_bgsave_in_progress)" != 1 ]; then break; fi
  sleep 1
done

# In the background, so that a signal is handled at once.
"$@" --rdb "$part" >"$said" 2>&1 </dev/null &
snapshot=$!
if ! wait "$snapshot"; then
  snapshot=
  tell "$where gives no snapshot: $(last_line "$(cat "$said")"). The user needs +sync, +psync and +replconf." \
    "Where a service forbids them, take its own snapshot: docs/operations/backup-and-restore.md."
  exit 1
fi
snapshot=

answer=$("$@" HGET "$known" backup 2>&1 </dev/null) || true
if [ "$answer" != "$run_id" ]; then
  tell "the mark went away while the snapshot was taken: another backup ran, Redis restarted, or Handover's user lacks +info." \
    "The file may not have it, and was thrown away. Run this again, alone."
  exit 1
fi

if ! answer=$("$check" "$part" 2>&1); then
  tell "what came from $where cannot be read: $(last_line "$answer"). Is $check older than that Redis? Run this again."
  exit 1
fi
mv "$part" "$file"
printf '%s\n' "$file: $(wc -c <"$file" | tr -d ' ') bytes, from $where"
