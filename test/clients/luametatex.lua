-- What LuaMetaTeX adds to Lua, on data that this script makes: patterns, compression, hashes,
-- codes, numbers of many digits. Every line printed has one right answer; what goes forth and back
-- is checked here. Usage: luametatex --luaonly luametatex.lua COUNT

local count = tonumber(arg[#arg])

local function check(what, ok)
  if not ok then error(what .. " is wrong") end
end

local words = {}
for i = 1, count do
  words[i] = string.format("word%d%s", i, string.rep(string.char(97 + i % 26), i * 7 % 40))
end
local text = table.concat(words, " ")

local function patterns()
  local letters, digits = lpeg.R("az") ^ 1, lpeg.R("09") ^ 1
  local word = lpeg.Ct(lpeg.C(letters) * lpeg.C(digits) * lpeg.C(letters ^ -1))
  local list = lpeg.match(lpeg.Ct(word * (lpeg.P(" ") * word) ^ 0) * -1, text)
  check("the number of words", #list == count)
  local sum = 0
  for i = 1, count do sum = sum + tonumber(list[i][2]) end
  check("the sum of the words' numbers", sum == count * (count + 1) // 2)
  local changed = lpeg.match(lpeg.Cs((lpeg.R("az") ^ 1 / string.upper + 1) ^ 0), text)
  check("the text in capitals", changed == text:upper())
  print("patterns", #list, sha2.HEX256(changed))
end

local function compression()
  for level = 1, 9, 4 do
    local packed = xzip.compress(text, level)
    check("the decompressed text", xzip.decompress(packed) == text)
    print("compression", level, #packed, xzip.crc32(packed), md5.HEX(packed))
  end
end

local function codes()
  for _, name in ipairs { "16", "64", "85" } do
    local code = basexx["encode" .. name](text)
    check("the text from base " .. name, basexx["decode" .. name](code) == text)
    print("code", name, #code, sha2.HEX512(code))
  end
end

local function numbers()
  xdecimal.setprecision(200)
  for last = 100, 120 do
    local product = xdecimal.new(1)
    for i = 1, last do product = product * xdecimal.new(i) end
    print("the factorial of " .. last, xdecimal.tostring(product))
  end
end

local function tables()
  local parts = {}
  for i = 1, 20 do
    local chunk = load("local t = {} for i = 1, " .. count .. " do t[i] = {i, tostring(i * " .. i ..
      ")} end table.sort(t, function(a, b) return a[2] < b[2] end) return t[" .. i .. "][2]")
    parts[i] = chunk()
  end
  print("sorted", table.concat(parts, " "))
end

patterns()
compression()
codes()
numbers()
tables()
