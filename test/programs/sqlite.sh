#!/usr/bin/env bash
# sqlite3 builds a database of 100 MB (20 MB if the scale is small), checks it, changes it and reads
# it back. Sums are compared with values known in advance; the whole content and the answers to a
# set of queries with those of a run without the library.
. "$(dirname "$0")/common.sh"
begin "$@"
need sqlite3 sqlite3

rows=$(pick 300000 60000)
least_size=$(pick 100000000 20000000)

build_script() {
  cat <<END
PRAGMA journal_mode = WAL;
PRAGMA cache_size = -16000;
CREATE TABLE item (
  id INTEGER PRIMARY KEY, class INTEGER NOT NULL, code TEXT NOT NULL, note TEXT, blob BLOB);
CREATE TABLE link (source INTEGER NOT NULL, target INTEGER NOT NULL, weight REAL NOT NULL);
BEGIN;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $rows)
INSERT INTO item SELECT i, i % 97, printf('%08x', i * 2654435761 % 4294967296),
  substr('the quick brown fox jumps over the lazy dog and runs away', i % 30) || ' ' || i,
  CAST(printf('%.*c', 60 + i % 240, char(65 + i % 26)) AS BLOB) FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $rows)
INSERT INTO link SELECT i, i * 7919 % $rows + 1, i / 8.0 FROM n;
COMMIT;
CREATE UNIQUE INDEX item_code ON item(code, id);
CREATE INDEX item_class ON item(class, note);
CREATE INDEX link_target ON link(target, source);
ANALYZE;
END
}

# Everything here has one answer: aggregates, a join, a window, a recursion, text functions, JSON.
query_script() {
  cat <<END
PRAGMA integrity_check;
SELECT count(*), sum(id), sum(length(blob)) FROM item;
SELECT class, count(*), min(code), max(code) FROM item GROUP BY class ORDER BY class;
SELECT i.class, sum(l.weight) FROM item i JOIN link l ON l.target = i.id
  GROUP BY i.class ORDER BY 2 DESC, 1 LIMIT 20;
SELECT id, rank() OVER (PARTITION BY class ORDER BY code) AS place FROM item
  WHERE id % 5003 = 0 ORDER BY id;
WITH RECURSIVE walk(at, step) AS (SELECT 1, 0 UNION ALL
  SELECT l.target, step + 1 FROM walk JOIN link l ON l.source = at AND l.rowid = at
  WHERE step < 200) SELECT group_concat(at) FROM walk;
SELECT length(group_concat(code, '')) FROM (SELECT code FROM item ORDER BY code);
SELECT sum(json_extract(json_object('id', id, 'note', note), '$.id')) FROM item WHERE class = 5;
SELECT id FROM item WHERE note LIKE '%lazy%' || id % 9973 ORDER BY id LIMIT 50;
END
}

change_script() {
  cat <<END
PRAGMA journal_mode = DELETE;
BEGIN;
DELETE FROM item WHERE id % 3 = 0;
UPDATE item SET note = upper(note) || ' (changed)' WHERE class % 2 = 0;
SAVEPOINT s;
DELETE FROM link;
ROLLBACK TO s;
COMMIT;
VACUUM;
PRAGMA integrity_check;
SELECT count(*), sum(id) FROM item;
SELECT count(*), sum(source) FROM link;
END
}

sqlite_work() {
  build_script | launch sqlite3 -batch -bail base.db || return 1
  wc -c <base.db >size
  query_script | launch sqlite3 -batch -bail base.db >answers || return 1
  change_script | launch sqlite3 -batch -bail base.db >changed || return 1
  launch sqlite3 -batch base.db .dump | sha256sum >content
  rm -f base.db
}

# `known_answer FILE LINE WANTED`: line LINE of the preloaded run's FILE.
known_answer() {
  expect "line $2 of the $1" "$3" "$(sed -n "$2p" "$work/preloaded/$1")"
}

blob_bytes() {
  awk -v n="$rows" 'BEGIN { for (i = 1; i <= n; i++) s += 60 + i % 240; print s }'
}

served sqlite3 sqlite3 -batch :memory: 'CREATE TABLE t(a); INSERT INTO t VALUES(1);'
run_both sqlite_work
same size "the size of the database"
same answers "the answers to the queries"
same changed "the state after the changes"
same content "the content of the database"
size=$(cat "$work/preloaded/size")
[ "$size" -ge "$least_size" ] || fail "the database has $size bytes, fewer than $least_size"
known_answer answers 1 ok
known_answer answers 2 "$rows|$((rows * (rows + 1) / 2))|$(blob_bytes)"
third=$((rows / 3))
known_answer changed 2 ok
known_answer changed 3 "$((rows - third))|$((rows * (rows + 1) / 2 - 3 * third * (third + 1) / 2))"
known_answer changed 4 "$rows|$((rows * (rows + 1) / 2))"
echo "sqlite: a database of $((size / 1000000)) MB"
finish
