"""A python3 workload: dictionaries, lists, strings and json, then a check sum of what came out.

Run with PYTHONMALLOC=malloc, so that every object is a malloc of its own.
usage: json_dicts.py COUNT
"""
import json
import sys
import zlib


def make_record(number):
    return {"id": number, "name": f"record {number:07d}", "tags": [f"t{number % k}" for k in
            range(2, 9)], "nested": {"x": number / 7, "y": [number, str(number)] * 2}}


def main(count):
    records = {f"key{number}": make_record(number) for number in range(count)}
    text = json.dumps(records, sort_keys=True)
    back = json.loads(text)
    if back != records:
        sys.exit("json_dicts.py: the records changed on their way through json")
    groups = {}
    for name, record in back.items():
        groups.setdefault(record["tags"][-1], []).append(name)
    for number in range(0, count, 2):
        del back[f"key{number}"]
    back.update((f"late{number}", make_record(number)) for number in range(count // 2))
    words = " ".join(sorted(back)).split()
    print(len(words), zlib.crc32(text.encode()), sorted((k, len(v)) for k, v in groups.items()))


main(int(sys.argv[1]))
