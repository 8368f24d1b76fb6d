#!/bin/sh
# Makes a data directory out of a backup; a Redis with appendonly yes starts on it (docs/operations/backup-and-restore.md).
#
#   restore.sh file.rdb directory
#
# Run it with the redis-server that will use the directory, as its user. QUEUE_PREFIX as for Handover, unless it is {handover}.
# Marks the restored data, whatever took the backup, so that Handover starts the recovery period (presence.lua).
set -eu
LC_ALL=C
export LC_ALL
# The temporary Redis has no password.
unset REDISCLI_AUTH

tell() { printf 'restore.sh: %s\n' "$*" >&2; }

program() {
  command -v "redis-$1" || command -v "valkey-$1" && return
  tell "redis-$1 is not on the PATH. Run this in the image of your Redis, or where it is installed."
  return 1
}

last_line() { printf '%s\n' "$1" | tr -d '\r' | sed -e '/^ *$/d' | tail -n 1; }

pause() { sleep 0.1 2>/dev/null || sleep 1; }

if [ $# -ne 2 ]; then
  tell "say what to restore, and where to: restore.sh file.rdb directory"
  exit 1
fi
file=$1
dir=$2
server=$(program server)
cli=$(program cli)
check=$(program check-rdb)

if [ ! -r "$file" ]; then
  tell "$file is not there, or cannot be read. Name the file that backup.sh wrote."
  exit 1
fi
if ! answer=$("$check" "$file" 2>&1); then
  tell "$file is no backup that this Redis can read: $(last_line "$answer")." \
    "Take another one, or a Redis as new as the one it is of."
  exit 1
fi
if ! mkdir -p "$dir" || [ ! -w "$dir" ]; then
  tell "$dir cannot be written. Run this as the user of Redis, or name another directory."
  exit 1
fi
for found in "$dir"/dump.rdb "$dir"/*.aof "$dir"/appendonly*; do
  if [ ! -e "$found" ]; then continue; fi
  tell "$dir has data of a Redis already ($found), which is not touched. Stop that Redis and move its data away, or name an" \
    "empty directory."
  exit 1
done
file=$(cd "$(dirname "$file")" && pwd)/$(basename "$file")
dir=$(cd "$dir" && pwd)

work=$(mktemp -d)
link=restoring-$$.rdb
pid=
is_done=

clean_up() {
  if [ -n "$pid" ]; then kill -9 "$pid" 2>/dev/null || true; fi
  rm -rf "$work"
  rm -f "$dir/$link"
  if [ -n "$is_done" ]; then return; fi
  # All of this is new; a partial restore must not look like data.
  rm -rf "$dir"/appendonly* "$dir"/*.aof
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# No port: only this script can reach it.
ln -s "$file" "$dir/$link"
"$server" --port 0 --unixsocket "$work/redis.sock" --unixsocketperm 700 --dir "$dir" --dbfilename "$link" \
  --appendonly no --save '' --maxmemory 0 --daemonize no --logfile "$work/redis.log" >"$work/said" 2>&1 </dev/null &
pid=$!
set -- "$cli" -s "$work/redis.sock"
until [ "$("$@" PING 2>/dev/null </dev/null)" = PONG ]; do
  if ! kill -0 "$pid" 2>/dev/null; then
    pid=
    tell "$server did not load $file: $(last_line "$(cat "$work/said" "$work/redis.log" 2>/dev/null)")"
    exit 1
  fi
  pause
done

# An existing mark is kept. A backup of an older Handover has no such key, so QUEUE_PREFIX determines where to add it.
default='{handover}'
prefix=${QUEUE_PREFIX:-$default}
marked=
for db in $("$@" INFO keyspace </dev/null | sed -n 's/^db\([0-9]*\):.*/\1/p'); do
  "$@" -n "$db" --scan --pattern '*:redis:known' >"$work/known" </dev/null
  if [ -n "$("$@" -n "$db" --scan --pattern "$prefix:*" </dev/null | head -n 1)" ]; then
    printf '%s\n' "$prefix:redis:known" >>"$work/known"
  fi
  while IFS= read -r key; do
    case $("$@" -n "$db" HSETNX "$key" backup restored </dev/null) in
      0 | 1) marked=yes ;;
    esac
  done <"$work/known"
done
if [ -z "$marked" ]; then
  tell "$file has no key of Handover ($prefix:...). Is it the right file, and QUEUE_PREFIX right?"
  exit 1
fi
keys=0
for count in $("$@" INFO keyspace </dev/null | sed -n 's/^db[0-9]*:keys=\([0-9]*\).*/\1/p'); do
  keys=$((keys + count))
done

"$@" CONFIG SET appendonly yes >/dev/null </dev/null
while :; do
  if ! info=$("$@" INFO persistence 2>&1 </dev/null); then
    tell "$server ended while it wrote $dir: $(last_line "$(cat "$work/redis.log")")"
    exit 1
  fi
  case $info in
    *aof_rewrite_in_progress:1* | *aof_rewrite_scheduled:1*) pause ;;
    *) break ;;
  esac
done
case $info in
  *aof_enabled:1*aof_last_bgrewrite_status:ok*) ;;
  *)
    tell "$dir could not be written: $(last_line "$(cat "$work/redis.log")"). Is the disk full?"
    exit 1
    ;;
esac
"$@" SHUTDOWN NOSAVE >/dev/null 2>&1 </dev/null || true
if ! wait "$pid"; then
  pid=
  tell "$server did not end well: $(last_line "$(cat "$work/redis.log")"). Run this again."
  exit 1
fi
pid=
is_done=yes
printf '%s\n' "$dir: $keys keys of $file. Start Redis on it, with appendonly yes."
