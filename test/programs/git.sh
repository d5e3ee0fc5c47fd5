#!/usr/bin/env bash
# git imports a history, checks out, branches, merges, repacks, collects and checks it. Everything
# has fixed dates and names, so all object names, the listings and even the packs (made by one
# thread) must be those of a run without the library.
. "$(dirname "$0")/common.sh"
begin "$@"
need git git

commits=$(pick 1500 500)
export GIT_CONFIG_NOSYSTEM=1 GIT_PAGER=cat GIT_TERMINAL_PROMPT=0
export GIT_AUTHOR_NAME=Author GIT_AUTHOR_EMAIL=author@example.org
export GIT_COMMITTER_NAME=Committer GIT_COMMITTER_EMAIL=committer@example.org
export GIT_AUTHOR_DATE='1700000000 +0000' GIT_COMMITTER_DATE='1700000000 +0000'

# A stream for `git fast-import`: each commit writes one of 120 files anew, similar to the one
# before, so that there are deltas to find; every 50th one is tagged.
write_history() {
  awk -v n="$commits" 'BEGIN {
    for (c = 1; c <= n; c++) {
      printf "commit refs/heads/main\nmark :%d\n", c
      printf "committer Committer <committer@example.org> %d +0000\n", 1600000000 + c * 60
      message = "change number " c "\n"
      printf "data %d\n%s", length(message), message
      if (c > 1) printf "from :%d\n", c - 1
      file = c * 17 % 120
      text = ""
      for (line = 0; line < 150; line++)
        text = text sprintf("line %d of file %d, version %d\n", line, file,
                            line % 10 == c % 10 ? c : int(c / 120))
      printf "M 100644 inline folder%d/file%d.txt\n", file % 7, file
      printf "data %d\n%s\n", length(text), text
      if (c % 50 == 0)
        printf "reset refs/tags/v%d\nfrom :%d\n\n", c / 50, c
    }
    print "done"
  }' >"$work/input/history"
}

merge_a_branch() {
  git switch -q -c side main~100 || return 1
  for i in 1 2 3 4 5; do
    seq "$i" 2000 >"side$i.txt"
    launch git add "side$i.txt" && launch git commit -q -m "side $i" || return 1
  done
  git switch -q main && launch git merge -q --no-edit -m "merge the side" side
}

listings() {
  launch git log --stat --graph --all --format='%H %an %ad %s' >../log || return 1
  launch git log -p --no-color -30 | sha256sum >../patches || return 1
  launch git blame folder3/file17.txt >../blame || return 1
  launch git grep -n 'line 77 of' >../grep || return 1
  launch git diff --stat main~400 main >../diff
}

# All objects with type and size, read from the packs, and the hash of all their contents.
object_set() {
  launch git cat-file --batch-all-objects --batch-check >"../objects.$1" || return 1
  launch git cat-file --batch-all-objects --batch | sha256sum >"../contents.$1" || return 1
  launch git fsck --full --strict --no-progress >"../fsck.$1" 2>&1 || return 1
  wc -l <"../objects.$1" >>"../fsck.$1"
}

git_work() {
  launch git init -q -b main repository 2>/dev/null || return 1
  cd repository || return 1
  launch git fast-import --quiet --done <"$work/input/history" || return 1
  launch git reset -q --hard main || return 1
  merge_a_branch || return 1
  launch git repack -q -a -d -f --window=20 --threads=2 || return 1
  object_set threads || return 1
  listings || return 1
  git branch -q -D side
  launch git reset -q --hard main~1 || return 1
  launch git reflog expire --expire=now --all || return 1
  launch git -c pack.threads=1 gc -q --aggressive --prune=now || return 1
  object_set gc || return 1
  (cd .git/objects/pack && sha256sum ./*.pack) >../packs
  launch git bundle create -q ../all.bundle --all || return 1
  launch git clone -q ../all.bundle ../copy || return 1
  launch git -C ../copy status --short --branch >../status
}

write_history
served git git var GIT_AUTHOR_IDENT
run_both git_work
for step in threads gc; do
  same "objects.$step" "the set of objects after the step '$step'"
  same "contents.$step" "the content of the objects after the step '$step'"
  same "fsck.$step" "what git fsck says after the step '$step'"
done
for listing in log patches blame grep diff packs status; do
  same "$listing" "the listing '$listing'"
done
least=$((commits * 3))
[ "$(tail -n 1 "$work/preloaded/fsck.threads")" -ge "$least" ] ||
  fail "the repository has fewer than $least objects"
finish
