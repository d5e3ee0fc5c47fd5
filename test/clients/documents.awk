# Writes a JSON document of `count` items for the tests of jaq and jql: objects, arrays, numbers,
# strings of many lengths, escapes, nesting. With `lines` set one item a line and nothing around.
function tags(i, k, text) {
  for (k = 0; k < i % 7; k++)
    text = text (k ? "," : "") "\"" substr(letters, i * (k + 1) % 26 + 1, k + 1) "\""
  return "[" text "]"
}

function nested(i, depth) {
  return depth == 0 ? "[" i ",null,true,\"\\u00e9\\n\"]" : "{\"in\":" nested(i, depth - 1) "}"
}

BEGIN {
  letters = "abcdefghijklmnopqrstuvwxyz"
  long = letters letters letters letters letters letters letters letters
  if (!lines) printf "{\"items\":["
  for (i = 0; i < count; i++)
    printf "%s{\"id\":%d,\"name\":\"item %d\",\"tags\":%s,\"value\":%.3f,\"text\":\"%s\",\"in\":%s}%s",
      i && !lines ? "," : "", i, i, tags(i), i * 37 % 1009 / 8, substr(long, 1, i * 13 % 200),
      nested(i, i % 5), lines ? "\n" : ""
  if (!lines) print "]}"
}
