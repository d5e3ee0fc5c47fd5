#!/usr/bin/env bash
# rabbitmqadmin (Rust: asynchronous HTTP, JSON, tables) declares, lists, exports, imports and
# deletes the objects of a broker, which is fake_broker.py. What it prints, and so what the broker
# was told, must be the same on both libraries.
. "$(dirname "$0")/common.sh"
begin_client clients "$@"
need python3 python3
need setpriv util-linux

queues=$(pick 4000 400)
export NO_PROXY=127.0.0.1

start_broker() {
  rm -f port
  (exec setpriv --pdeathsig KILL python3 "$clients/fake_broker.py" port </dev/null >broker 2>&1) &
  server_pid=$!
  local tick
  for tick in $(seq 200); do
    if [ -s port ]; then port=$(cat port); return 0; fi
    sleep 0.05
  done
  cat broker
  return 1
}

stop_broker() {
  kill "$server_pid"
  wait "$server_pid" 2>/dev/null
  server_pid=
}

admin() { launch rabbitmqadmin --host 127.0.0.1 --port "$port" "$@"; }

write_definitions() {
  awk -v n="$queues" 'BEGIN {
    printf "{\"queues\":["
    for (i = 0; i < n; i++)
      printf "%s{\"name\":\"queue.%d.%x\",\"vhost\":\"/\",\"durable\":%s,\"auto_delete\":false,%s}",
        i ? "," : "", i, i * 7919, i % 3 ? "true" : "false",
        "\"exclusive\":false,\"arguments\":{\"x-max-length\":" i * 10 "}"
    print "]}"
  }' >"$work/input/definitions.json"
}

declare_objects() {
  local i
  for i in 1 2 3 4; do
    admin declare exchange --name "exchange$i" --type topic || return 1
    admin declare queue --name "queue$i" --type quorum --arguments '{"x-delivery-limit": 3}' &&
      admin declare binding --source "exchange$i" --destination "queue$i" \
        --destination-type queue --routing-key "key.$i" || return 1
    admin publish message --routing-key "key.$i" --payload "$(seq -s ' ' 1000)" || return 1
  done
  admin declare vhost --name other || return 1
  admin declare policy --name limit --pattern '^q' --definition '{"max-length": 5}' \
    --apply-to queues || return 1
  admin delete queue --name queue3
}

show_all() {
  local kind style
  for kind in queues exchanges vhosts policies; do admin list "$kind" || return 1; done
  for style in markdown ascii; do admin --table-style "$style" list queues || return 1; done
  admin show overview || return 1
  admin definitions export || return 1
  launch rabbitmqadmin help declare queue
}

rabbitmqadmin_work() {
  start_broker || return 1
  admin definitions import --file "$work/input/definitions.json" || return 1
  declare_objects && show_all || return 1
  stop_broker
}

write_definitions
proved rabbitmqadmin help list
run_both rabbitmqadmin_work
same output "what rabbitmqadmin prints"
expect "how often the last queue was listed" 4 \
  "$(grep -c "queue\.$((queues - 1))\." "$work/ours/output")"
expect "how often the deleted queue was listed" 0 "$(grep -cw queue3 "$work/ours/output")"
finish_client
