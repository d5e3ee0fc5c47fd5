-- A Lua program that allocates in every way Lua has; each result is checked against a value known
-- from elsewhere, so a block that was handed out twice shows as a wrong number.
-- Usage: lua workload.lua DEPTH (depth of the trees, 14 to 18)

local depth = tonumber(arg and arg[1]) or 16

local function check(what, wanted, got)
  print(what, got)
  if wanted ~= got then
    error(string.format("%s should be %s but is %s", what, tostring(wanted), tostring(got)))
  end
end

-- Complete binary trees: 2^(d+1) - 1 nodes.
local function tree(d)
  if d == 0 then return {} end
  return {tree(d - 1), tree(d - 1)}
end

local function count(node)
  if not node[1] then return 1 end
  return 1 + count(node[1]) + count(node[2])
end

local function trees()
  local long_lived = tree(depth)
  local nodes = 0
  for d = 4, depth, 4 do
    for _ = 1, 1 << (depth - d) do nodes = nodes + count(tree(d)) end
  end
  local wanted = 0
  for d = 4, depth, 4 do wanted = wanted + (1 << (depth - d)) * ((2 << d) - 1) end
  check("nodes of the short-lived trees", wanted, nodes)
  check("nodes of the long-lived tree", (2 << depth) - 1, count(long_lived))
end

-- Queens that do not attack each other, by closures over tables.
local function queens(n)
  local columns, up, down, found = {}, {}, {}, 0
  local function place(row)
    if row > n then found = found + 1 return end
    for c = 1, n do
      if not (columns[c] or up[row + c] or down[row - c + n]) then
        columns[c], up[row + c], down[row - c + n] = true, true, true
        place(row + 1)
        columns[c], up[row + c], down[row - c + n] = nil, nil, nil
      end
    end
  end
  place(1)
  return found
end

local function primes_below(limit)
  local composite, found = {}, 0
  for i = 2, limit - 1 do
    if not composite[i] then
      found = found + 1
      for j = i * i, limit - 1, i do composite[j] = true end
    end
  end
  return found
end

-- Strings: built piece by piece, taken apart again, interned by the thousand.
local function strings()
  local parts = {}
  for i = 1, 100000 do parts[i] = string.format("%07d:%s", i, ("x"):rep(i % 40)) end
  local text = table.concat(parts, ",")
  local wanted, sum, seen = 0, 0, 0
  for i = 1, 100000 do wanted = wanted + i end
  for number, tail in text:gmatch("(%d+):(x*)") do
    local i = tonumber(number)
    if #tail == i % 40 then seen = seen + 1 end
    sum = sum + i
  end
  check("pieces of the text", 100000, seen)
  check("sum of their numbers", wanted, sum)
  check("text after two reversals", true, text:reverse():reverse() == text)
  local upper = text:gsub("x", "Y"):gsub("Y", "x")
  check("text after two replacements", true, upper == text)
end

-- A pipeline of coroutines, each with its own stack: the sieve that filters by one prime each.
-- (Lua allows about 190 coroutines that resume each other.)
local function coroutine_sieve(wanted_count)
  local function numbers()
    local i = 2
    while true do coroutine.yield(i) i = i + 1 end
  end
  local function filter(prime, source)
    return coroutine.wrap(function()
      while true do
        local n = source()
        if n % prime ~= 0 then coroutine.yield(n) end
      end
    end)
  end
  local source, last = coroutine.wrap(numbers), nil
  for _ = 1, wanted_count do
    last = source()
    source = filter(last, source)
  end
  return last
end

-- Weak tables and finalisers: after a full collection exactly the unreachable ones are gone.
local function collection()
  local finalised, weak, kept = 0, setmetatable({}, {__mode = "v"}), {}
  for i = 1, 50000 do
    local object = setmetatable({i}, {__gc = function() finalised = finalised + 1 end})
    weak[i] = object
    if i % 5 == 0 then kept[#kept + 1] = object end
  end
  collectgarbage()
  collectgarbage()
  local alive = 0
  for _ in pairs(weak) do alive = alive + 1 end
  check("finalised objects", 40000, finalised)
  check("objects that are still reachable", 10000, alive)
  check("objects that are kept", 10000, #kept)
end

local function sorting()
  local values, state = {}, 12345
  for i = 1, 200000 do
    state = (state * 1103515245 + 12345) % 2147483648
    values[i] = {key = state, label = tostring(state)}
  end
  table.sort(values, function(a, b) return a.key < b.key end)
  local ordered = true
  for i = 2, #values do
    if values[i - 1].key > values[i].key or values[i].label ~= tostring(values[i].key) then
      ordered = false
    end
  end
  check("values are in order", true, ordered)
end

trees()
check("solutions for eight queens", 92, queens(8))
check("primes below a million", 78498, primes_below(1000000))
strings()
for _ = 1, 20 do check("the 150th prime", 863, coroutine_sieve(150)) end
for _ = 1, 5 do collection() end
sorting()
print("all results are right")
