#!/usr/bin/env bash
# Jujutsu (jj, Rust) keeps a history: commits, branches, merges with conflicts, rebases, squashes,
# undoing. Dates and the seed of the change names are fixed, so all names of commits, changes and
# operations, and all listings, must be those of a run on Debian's library.
. "$(dirname "$0")/common.sh"
begin_client clients "$@"
need git git

commits=$(pick 60 12)
export JJ_CONFIG=$work/input/config.toml GIT_CONFIG_NOSYSTEM=1
cat >"$JJ_CONFIG" <<'END'
user = { name = "Author", email = "author@example.org" }
operation = { hostname = "host", username = "user" }
ui = { color = "never", paginate = "never" }
END

# Each command has a minute and a seed of its own.
jj() {
  step=$((step + 1))
  local now
  now=$(date -u -d "@$((1700000000 + step * 60))" +%Y-%m-%dT%H:%M:%S+00:00)
  launch jj --config debug.randomness-seed=$step --config "debug.commit-timestamp='$now'" \
    --config "debug.operation-timestamp='$now'" "$@"
}

# The commit that is N before main: a minus for each step.
before_main() { printf 'main%*s' "$1" '' | tr ' ' -; }

# File f of a version differs from the one before in a tenth of its lines.
write_file() {
  awk -v file="$1" -v version="$2" 'BEGIN {
    for (line = 0; line < 400; line++)
      printf "line %d of file %d, version %d\n", line, file,
        line % 10 == version % 10 ? version : 0
  }' >"folder$(($1 % 3))/file$1"
}

write_history() {
  local c
  mkdir folder0 folder1 folder2
  for c in $(seq "$commits"); do
    write_file $((c % 7)) "$c"
    write_file $((c % 5 + 10)) "$c"
    jj commit -m "change number $c" || return 1
  done
  jj bookmark create main -r @- || return 1
}

# A second head that changes the same lines; the merge has a conflict, which is then settled.
branch_and_merge() {
  jj new "$(before_main $((commits / 2)))" -m "side" || return 1
  write_file 1 777 && seq 2000 >side
  jj bookmark create side -r @ && jj new main side -m "merge" || return 1
  jj resolve --list || return 1
  write_file 1 888
  jj commit -m "merged" || return 1
}

# Everything here makes jj write many commits anew.
rewrite() {
  jj rebase -s side -d "$(before_main 2)" || return 1
  jj describe -r "$(before_main 3)" -m "another description" || return 1
  jj squash --from "$(before_main 1)" --into "$(before_main 4)" -m "two in one" || return 1
  jj undo || return 1
  jj duplicate "$(before_main 1)" || return 1
  jj abandon side
}

listings() {
  jj log -r 'all()' --stat >../log || return 1
  jj log -r 'all()' -T 'commit_id ++ " " ++ change_id ++ " " ++ description' >../names || return 1
  jj diff --git --from "$(before_main $((commits / 2)))" --to main >../diff || return 1
  jj file annotate folder1/file1 -r main >../annotated || return 1
  jj op log -T 'id ++ " " ++ description' >../operations || return 1
  jj evolog -r main -T 'commit.commit_id() ++ " " ++ commit.description()' >../evolution || return 1
  git -C "$(jj git root)" fsck --full --strict 2>&1 | sort >../fsck
  git -C "$(jj git root)" for-each-ref >../refs
}

jj_work() {
  step=0
  jj git init repository || return 1
  cd repository || return 1
  write_history && branch_and_merge && rewrite && listings
}

proved jj --version
run_both jj_work
same output "what jj says"
same errors "what jj says on stderr"
for listing in log names diff annotated operations evolution refs; do
  same "$listing" "the listing '$listing'"
done
[ "$(grep -c 'change number' "$work/ours/names")" -ge "$commits" ] ||
  fail "the history has fewer than $commits commits"
expect "what git finds wrong with the repository" "$(cat "$work/debian/fsck")" \
  "$(cat "$work/ours/fsck")"
finish_client
