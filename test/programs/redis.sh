#!/usr/bin/env bash
# redis-server holds a data set of six types of keys under the load of redis-benchmark. All of it is
# read back and compared with what the generator knows; the digest of the whole data must be the
# one of a server without the library: after loading, after the load, and after saving in a child
# process and loading again.
. "$(dirname "$0")/common.sh"
begin "$@"
need redis-server redis-server
need redis-cli redis-tools
need redis-benchmark redis-tools
need awk mawk

keys=$(pick 24000 20000 5000)
requests=$(pick 20000 10000 2500)

ask() { redis-cli -h 127.0.0.1 -p "$port" "$@"; }

# Starts the server on a port that nobody uses; two I/O threads, so that memory changes threads.
start_server() {
  local try
  for try in 1 2 3 4 5 6 7 8; do
    port=$((20000 + RANDOM % 30000))
    launch_server redis-server --bind 127.0.0.1 --port "$port" --save '' --appendonly no \
      --dir "$PWD" --logfile '' --io-threads 2 --io-threads-do-reads yes --hz 50 \
      --enable-debug-command local </dev/null >server.log 2>&1 &
    server_pid=$!
    wait_for_server && return
    kill -KILL "$server_pid" 2>/dev/null
    wait "$server_pid"
  done
  return 1
}

# The answer must be our own server's: another process may have had the port first.
wait_for_server() {
  local tick
  for tick in $(seq 100); do
    kill -0 "$server_pid" 2>/dev/null || return 1
    if [ "$(ask INFO server 2>/dev/null | tr -d '\r' | sed -n 's/^process_id://p')" = \
      "$server_pid" ]; then
      return 0
    fi
    sleep 0.1
  done
  return 1
}

stop_server() {
  ask SHUTDOWN NOSAVE
  wait "$server_pid"
  local code=$?
  server_pid=
  [ "$code" -eq 0 ] || { echo "the server ends with exit code $code"; return 1; }
}

check_maps() {
  if [ "$mode" = preloaded ]; then
    grep -qF "$(realpath "$library")" "/proc/$server_pid/maps" ||
      { echo "the library is not in the server"; return 1; }
  fi
}

read_back() {
  ask <"$work/input/queries" >"answers.$1" || return 1
  cmp "answers.$1" "$work/input/expected" || return 1
  ask DEBUG DIGEST >"digest.$1"
}

# A database of its own; its keys go away by the server's background thread.
benchmark() {
  redis-benchmark -h 127.0.0.1 -p "$port" -q --dbnum 9 -n "$requests" -c 20 -P 4 -r 2000 -d 200 \
    -t set,get,incr,lpush,rpush,lpop,sadd,hset,spop,zadd,zpopmin,mset >benchmark || return 1
  redis-benchmark -h 127.0.0.1 -p "$port" -q --dbnum 9 -n $((requests / 20)) -c 10 -d 100 \
    -t lrange_300 >>benchmark || return 1
  [ "$(ask -n 9 DBSIZE)" -gt 1000 ] || { echo "the benchmark left too few keys"; return 1; }
  ask -n 9 FLUSHDB ASYNC >/dev/null
}

# Lua inside the server, sorting, unions: memory of many sizes for a short time.
compute() {
  ask EVAL 'local t = {} for i = 1, 20000 do t[i] = tostring(i) .. ":" .. KEYS[1] end
    return #table.concat(t, ",")' 1 s6
  ask SORT x9 ALPHA LIMIT 0 3
  ask ZUNION 2 z4 z10 | sort | sha256sum
  ask SUNION x3 x9 x15 | sort | sha256sum
  ask BITCOUNT s6
}

# BGSAVE saves in a child process.
save_in_child() {
  ask BGSAVE >/dev/null
  local tick
  for tick in $(seq 300); do
    [ "$(ask INFO persistence | tr -d '\r' | sed -n 's/^rdb_bgsave_in_progress://p')" = 0 ] && break
    sleep 0.1
  done
  expect "the state of the background save" ok \
    "$(ask INFO persistence | tr -d '\r' | sed -n 's/^rdb_last_bgsave_status://p')"
}

# DEBUG RELOAD saves, frees everything and loads it again.
save_and_reload() {
  if [ "$can_fork_threads" = yes ]; then save_in_child; fi
  expect "the answer to DEBUG RELOAD" OK "$(ask DEBUG RELOAD)"
}

redis_steps() {
  start_server || return 1
  check_maps || return 1
  ask --pipe <"$work/input/commands" >loaded 2>&1 || return 1
  read_back loaded || return 1
  compute >computed || return 1
  benchmark || return 1
  read_back benchmarked || return 1
  save_and_reload || return 1
  read_back reloaded || return 1
  stop_server || return 1
  no_complaint server.log
}

redis_work() {
  redis_steps || { tail -n 25 server.log; return 1; }
}

awk -v keys="$keys" -v answers=0 -f "$here/redis_commands.awk" >"$work/input/commands"
awk -v keys="$keys" -v answers=1 -v expected="$work/input/expected" \
  -f "$here/redis_commands.awk" >"$work/input/queries"
served redis-server redis-server --version
run_both redis_work
for step in loaded benchmarked reloaded; do
  same "digest.$step" "the digest of the data set ($step)"
done
expect "the digest after the load" "$(cat "$work/preloaded/digest.loaded")" \
  "$(cat "$work/preloaded/digest.benchmarked")"
expect "the digest after reloading" "$(cat "$work/preloaded/digest.loaded")" \
  "$(cat "$work/preloaded/digest.reloaded")"
same computed "the result of the computing commands"
if [ "$can_fork_threads" = no ]; then
  echo "PART SKIPPED: an emulator does not fork threaded processes reliably"
fi
echo "redis: $keys keys, $(wc -l <"$work/input/expected") answers were right three times in a row"
finish
