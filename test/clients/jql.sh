#!/usr/bin/env bash
# jql (Rust) selects, flattens and sorts parts of a large JSON document, and of a stream of small
# ones.
. "$(dirname "$0")/common.sh"
begin_client clients "$@"

count=$(pick 60000 6000)

jql_work() {
  local document=$work/input/document.json
  launch jql '"items"|>{"id","tags","in"}' "$document" >selected || return 1
  launch jql --sort-keys '"items"[10:3000]' "$document" >sorted || return 1
  launch jql '"items"|>"tags"<|..' "$document" >flattened || return 1
  launch jql --inline '"items"|={"name","id"=7}' "$document" >lens || return 1
  launch jql --inline --stream '{"text","value"}' <"$work/input/lines.json" >streamed || return 1
  launch jql --validate "$document" >validated
}

awk -v count="$count" -f "$clients/documents.awk" >"$work/input/document.json"
awk -v count="$((count / 3))" -v lines=1 -f "$clients/documents.awk" >"$work/input/lines.json"
proved jql '"items"[0]' "$work/input/document.json"
run_both jql_work
for file in selected sorted flattened lens streamed validated; do
  same "$file" "what jql answers ($file)"
done
expect "the number of answers to a stream" "$((count / 3))" "$(wc -l <"$work/ours/streamed")"
expect "the number of tags that were selected" "$count" "$(grep -c '"tags"' "$work/ours/selected")"
finish_client
