-- A lua workload: tables of tables, strings made and forgotten, closures; prints a check sum.
-- usage: lua5.4 tables.lua COUNT
local count = tonumber(arg[1])

local function tree(depth)
  if depth == 0 then return { leaf = true } end
  return { left = tree(depth - 1), right = tree(depth - 1) }
end

local function nodes(node)
  return node.leaf and 1 or 1 + nodes(node.left) + nodes(node.right)
end

local words, sum = {}, 0
for i = 1, count do
  local word = ("word %d of %d"):format(i % 5000, count)
  local entry = words[word] or { seen = 0, places = {} }
  entry.seen = entry.seen + 1
  entry.places[#entry.places + 1] = function() return i end
  if #entry.places > 20 then entry.places = {} end
  words[word] = entry
  if i % 20000 == 0 then sum = sum + nodes(tree(12)) end
end
for _, entry in pairs(words) do
  sum = sum + entry.seen
  for _, place in ipairs(entry.places) do sum = sum + place() % 7 end
end
print(sum)
