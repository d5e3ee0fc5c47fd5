# Writes the test's data set as redis commands, for `redis-cli --pipe`, and with -v answers=1 the
# queries that read it back, for `redis-cli`, to the standard output; then what they must answer
# goes to the file `expected`.
# Variables: keys (number of keys), answers (0 or 1), expected (file name).
#
# Key number i has type i % 6: string, list, hash, set, sorted set, string that is overwritten. The
# sizes go up to some kilobytes, the containers have up to 200 members, so that small (packed) and
# large (hash table, skip list) representations occur.

function command(text,    words, n, i) {
  n = split(text, words, "\t")
  printf "*%d\r\n", n
  for (i = 1; i <= n; i++) printf "$%d\r\n%s\r\n", length(words[i]), words[i]
}

function repeated(text, count,    result) {
  result = ""
  while (count-- > 0) result = result text
  return result
}

function string_value(i) {
  return sprintf("value-%d-", i) repeated(sprintf("%03d.", i % 1000), i * 37 % 211)
}

function member_count(i) { return 1 + i * 13 % 23 + (i % 600 < 6 ? 180 : 0) }

function member(i, k) { return sprintf("m%d:%d:%s", i, k, repeated("x", (i + k) % 80)) }

function write_key(i,    type, n, k, text) {
  type = i % 6
  n = member_count(i)
  if (type == 0) { command("SET\ts" i "\t" string_value(i)); return }
  if (type == 5) {
    command("SET\tt" i "\tshort")
    command("APPEND\tt" i "\t" string_value(i))
    command("SETRANGE\tt" i "\t2\tOO")
    return
  }
  if (type == 1) text = "RPUSH\tl" i
  if (type == 2) text = "HSET\th" i
  if (type == 3) text = "SADD\tx" i
  if (type == 4) text = "ZADD\tz" i
  for (k = 1; k <= n; k++) {
    if (type == 2) text = text "\tf" k
    if (type == 4) text = text "\t" (n - k)
    text = text "\t" member(i, k)
  }
  command(text)
}

# Keys that come and go again: a third of all keys, deleted by the server's background thread.
function write_and_delete(i) {
  command("RPUSH\tgone" i "\t" repeated("g", i % 3000) "\t" i)
  if (i % 2) command("UNLINK\tgone" i); else command("DEL\tgone" i)
}

function ask(query, answer) {
  print query
  print answer >expected
}

# One query a key; those of a container ask for a member in its middle and for its size.
function read_key(i,    type, n, k) {
  type = i % 6
  n = member_count(i)
  k = int((n + 1) / 2)
  if (type == 0) ask("GET s" i, string_value(i))
  if (type == 5) ask("GET t" i, "shOOt" string_value(i))
  if (type == 1) { ask("LINDEX l" i " " k - 1, member(i, k)); ask("LLEN l" i, n) }
  if (type == 2) { ask("HGET h" i " f" k, member(i, k)); ask("HLEN h" i, n) }
  if (type == 3) { ask("SISMEMBER x" i " " member(i, k), 1); ask("SCARD x" i, n) }
  if (type == 4) { ask("ZSCORE z" i " " member(i, k), n - k); ask("ZCARD z" i, n) }
}

BEGIN {
  for (i = 1; i <= keys; i++) {
    if (answers) { read_key(i); continue }
    write_key(i)
    if (i % 3 == 0) write_and_delete(i)
  }
  if (answers) ask("DBSIZE", keys)
}
