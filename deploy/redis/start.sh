#!/bin/sh
# start.sh redis | sentinel | ready: starts a Redis or a Sentinel of the group, or checks whether this Redis is ready.
#
#   SELF            host:port under which the others reach this one
#   REDISES         host:port of every Redis, separated by spaces; the first is the primary of a group that is new
#   SENTINELS       host:port of every Sentinel
#   REDIS_PASSWORD  of every Redis, if they have one; the Sentinels have none
#   DATA            a folder that outlives the container; /data
#
# The Sentinels determine the primary: a Redis waits until most of them agree. A primary with an empty disk starts only once every
# other Redis is empty as well: otherwise they would follow it and discard their data. A replica is not eligible as primary until
# it has synchronised since its start, because its data may be old.
set -u
# As the first process of a container, a shell ignores signals that it does not trap.
trap 'exit 143' TERM INT

GROUP=handover
: "${DATA:=/data}" "${REDIS_PASSWORD:=}"
here=$(cd "$(dirname "$0")" && pwd)

say() {
  [ "$*" = "${said:-}" ] || echo "start.sh: $*"
  said=$*
}

# ask host:port command…; times out after two seconds.
ask() (
  at=$1
  shift
  timeout 2 redis-cli -h "${at%:*}" -p "${at##*:}" "$@" 2>/dev/null | tr -d '\r'
)

ask_redis() (
  [ -z "$REDIS_PASSWORD" ] || export REDISCLI_AUTH="$REDIS_PASSWORD"
  ask "$@"
)

# The primary according to one Sentinel, as host:port; an error, or no answer, is not two words.
named_by() (
  set -- $(ask "$1" sentinel get-master-addr-by-name "$GROUP")
  [ $# -eq 2 ] && echo "$1:$2"
)

# The primary that most Sentinels name.
agreed() (
  set -- $SENTINELS
  most=$(($# / 2 + 1))
  for sentinel; do named_by "$sentinel"; done | sort | uniq -c |
    while read -r count name; do [ "$count" -lt "$most" ] || echo "$name"; done
)

# The primary according to the Redis: the one with the most replicas, else the one that some of them follow.
followed() (
  for redis in $REDISES; do
    ask_redis "$redis" info replication | awk -F: -v self="$redis" '
      { is[$1] = $2 }
      END {
        if (is["role"] == "master") print is["connected_slaves"] + 1, self
        if (is["role"] == "slave") print 0, is["master_host"] ":" is["master_port"]
      }'
  done | sort -rn | sed -n '1s/.* //p'
)

has_data() {
  for file in "$DATA"/appendonlydir/*.manifest "$DATA/appendonly.aof" "$DATA/dump.rdb"; do
    [ ! -s "$file" ] || return 0
  done
  return 1
}

others_are_empty() (
  for redis in $REDISES; do
    [ "$redis" != "$SELF" ] || continue
    info=$(ask_redis "$redis" info)
    echo "$info" | grep -q '^loading:0' || return 1
    ! echo "$info" | grep -q '^db[0-9]*:keys=' || return 1
  done
)

# with_password setting…: the setting and the password, in quotes. Not by echo, which may interpret a backslash.
with_password() {
  printf '%s "%s"\n' "$*" "$(printf %s "$REDIS_PASSWORD" | sed 's/[\\"]/\\&/g')"
}

# A primary, or a synchronised replica.
is_ready() {
  ask_redis "127.0.0.1:${SELF##*:}" info replication | grep -Eq '^(role:master|master_link_status:up)$'
}

let_it_be_chosen() {
  ask_redis "127.0.0.1:${SELF##*:}" config set replica-priority 100 | grep -q OK
}

start_redis() {
  while :; do
    primary=$(agreed)
    if [ -z "$primary" ]; then
      say 'waiting until most Sentinels name the same primary'
    elif [ "$primary" != "$SELF" ] || has_data || others_are_empty; then
      break
    else
      say 'waiting: this is to be the primary with an empty disk, and another Redis has data or does not answer'
    fi
    sleep 1
  done
  say "the primary is $primary"
  umask 077
  {
    echo "include $here/redis.conf"
    echo "dir $DATA"
    echo "port ${SELF##*:}"
    echo "replica-announce-ip ${SELF%:*}"
    echo "replica-announce-port ${SELF##*:}"
    if [ -n "$REDIS_PASSWORD" ]; then
      with_password requirepass
      with_password masterauth
    fi
    if [ "$primary" != "$SELF" ]; then
      echo "replicaof ${primary%:*} ${primary##*:}"
      echo 'replica-priority 0'
    fi
  } >"$DATA/redis.conf"
  if [ "$primary" != "$SELF" ]; then
    # In parallel to redis-server, which replaces this shell and its process id.
    while kill -0 $$ 2>/dev/null && ! { is_ready && let_it_be_chosen; }; do sleep 1; done &
  fi
  exec redis-server "$DATA/redis.conf"
}

start_sentinel() {
  conf=$DATA/sentinel.conf
  # Settings are rewritten at each start, so that changes apply; only the learned state is kept.
  learned='myid|monitor|config-epoch|leader-epoch|current-epoch|known-replica|known-sentinel'
  known=$(grep -E "^sentinel ($learned) " "$conf" 2>/dev/null)
  if [ -z "$known" ]; then
    primary=$(for sentinel in $SENTINELS; do named_by "$sentinel"; done | head -n 1)
    : "${primary:=$(followed)}"
    : "${primary:=${REDISES%% *}}"
    known="sentinel monitor $GROUP ${primary%:*} ${primary##*:} 2"
  fi
  umask 077
  {
    cat "$here/sentinel.conf"
    echo "dir $DATA"
    echo "port ${SELF##*:}"
    echo "sentinel announce-ip ${SELF%:*}"
    echo "sentinel announce-port ${SELF##*:}"
    echo "$known"
    [ -z "$REDIS_PASSWORD" ] || with_password sentinel auth-pass "$GROUP"
  } >"$conf.new"
  mv "$conf.new" "$conf"
  exec redis-server "$conf" --sentinel
}

case ${1:-} in
  redis) start_redis ;;
  sentinel) start_sentinel ;;
  ready) is_ready ;;
  *) sed -n '2p' "$0" >&2; exit 64 ;;
esac
