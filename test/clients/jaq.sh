#!/usr/bin/env bash
# jaq (Rust, all memory by mi_malloc_aligned and mi_realloc_aligned) filters, groups, sorts and
# rebuilds a large JSON document.
. "$(dirname "$0")/common.sh"
begin_client clients "$@"

count=$(pick 60000 3000)
length=$(pick 50000 5000)

jaq_work() {
  local document=$work/input/document.json
  launch jaq '[.items[] | select(.id % 3 == 0) | {id, t: (.tags | join("-")), n: (.text | length)}]
    | group_by(.t) | map({t: .[0].t, count: length, sum: (map(.n) | add)}) | sort_by(.count, .t)' \
    "$document" >groups || return 1
  launch jaq -c '[.items[] | .name |= ascii_upcase | .tags += ["x"] | del(.text)]
    | [.[] | [paths] | length] | add' "$document" >paths || return 1
  launch jaq -S '.items |= (map(.value) | sort | unique)' "$document" >values || return 1
  launch jaq -r '.text | gsub("[aeiou]"; "_") | @base64' "$work/input/lines.json" >texts || return 1
  launch jaq -n 'reduce inputs as $i ({}; .[$i.tags | length | tostring] += $i.id)' \
    "$work/input/lines.json" >sums || return 1
  launch jaq -n --argjson n "$length" '
    [limit($n; repeat("abc"))] | join("") | explode | map(. + 1) | implode | length
    , ([range($n)] | map(tostring) | reverse | tojson | fromjson | length)' >computed
}

awk -v count="$count" -f "$clients/documents.awk" >"$work/input/document.json"
awk -v count="$((count / 3))" -v lines=1 -f "$clients/documents.awk" >"$work/input/lines.json"
proved jaq -n '[range(100)] | map({a: .}) | length'
run_both jaq_work
for file in groups paths values texts sums computed; do
  same "$file" "what jaq answers ($file)"
done
expect "the number of items in all groups" "$((count / 3))" \
  "$(awk '/"count":/ { n += $2 } END { print n }' "$work/ours/groups")"
expect "the computed lengths" "$((3 * length)) $length" \
  "$(tr '\n' ' ' <"$work/ours/computed" | sed 's/ $//')"
finish_client
