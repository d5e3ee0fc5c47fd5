#!/usr/bin/env bash
# Perl runs workload.pl (hashes, text, sorting, closures, child processes, threads), whose results
# are checked inside against known values, and compared with a run without the library.
. "$(dirname "$0")/common.sh"
begin "$@"
need perl perl
# Perl orders hashes by a seed; the same one in both runs makes the whole output comparable.
export PERL_HASH_SEED=0 PERL_PERTURB_KEYS=0

perl_work() {
  launch perl "$here/workload.pl" "$(pick 2 1)"
}

served perl perl -e 'my @t = map { [$_] } 1 .. 1000; print scalar(@t)'
run_both perl_work
same output "what the Perl program printed"
expect "the last line" "all results are right" "$(tail -n 1 "$work/preloaded/output")"
finish
