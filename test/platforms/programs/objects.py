"""A program that uses Python's objects in the ways servers do; what it prints is always the same.

Regular expressions take texts apart, documents go through JSON, children get work through pipes,
and threads hand objects to each other, so that blocks are freed by other threads than allocated
them.
Each result is checked against one found in another way.

Usage: objects.py ROUNDS CHILDREN. A child is `objects.py child`; PROGRAMS_LAUNCHER holds the words
before an interpreter that the system cannot start by itself.
"""
import collections
import hashlib
import json
import os
import queue
import re
import subprocess
import sys
import threading

WORKERS = 4
DOCUMENTS = 200
LINE = re.compile(r"(?P<key>[a-z]+)(?P<number>\d+)\s*=\s*(?P<quote>['\"])(?P<value>.*?)(?P=quote)")


def check(what, wanted, got):
    if wanted != got:
        sys.exit(f"{what} should be {wanted!r} but is {got!r}")
    print(f"{what}: {got!r}")


def text_of(seed):
    """Lines of assignments, every seventh of them broken."""
    return "\n".join(f"key{number} = '{'ab' * (number * seed % 40)}{number}"
                     + ("" if number % 7 == 0 else "'") for number in range(1, 500))


def regular_expressions(seed):
    text = text_of(seed)
    found = {int(match["number"]): match["value"] for match in LINE.finditer(text)}
    plain = {}
    for line in text.split("\n"):
        left, _, right = line.partition(" = ")
        if right.endswith("'") and len(right) > 1:
            plain[int(left[3:])] = right[1:-1]
    check("assignments", len(plain), len(found))
    check("the same assignments", True, found == plain)
    swapped = re.sub(r"a(b?)", lambda match: match[1].upper() + "a", text)
    check("letters are swapped", True, swapped == text.replace("ab", "Ba"))


def document_of(number):
    return {"id": number, "name": f"document {number}",
            "tags": [f"t{k}" for k in range(number % 9)],
            "deep": {"list": [[k, str(k), k / 4] for k in range(number % 30)], "none": None,
                     "text": "\u00e4\u20ac\U0001f600" * (number % 5)}}


def documents():
    made = [document_of(number) for number in range(DOCUMENTS)]
    text = json.dumps(made, indent=1, sort_keys=True)
    check("documents after JSON", True, json.loads(text) == made)
    check("the digest of the documents", hashlib.sha256(text.encode()).hexdigest(),
          hashlib.sha256(json.dumps(json.loads(text), indent=1, sort_keys=True).encode())
          .hexdigest())


def children(count):
    """They run at the same time; each answers with the lengths of the words that it got."""
    launcher = os.environ.get("PROGRAMS_LAUNCHER", "").split()
    command = [*launcher, sys.executable, os.path.abspath(__file__), "child"]
    running = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
               for _ in range(count)]
    for number, child in enumerate(running):
        words = ["x" * (k * (number + 1) % 97) for k in range(2000)]
        answer, _ = child.communicate(json.dumps(words))
        check(f"the exit code of child {number}", 0, child.returncode)
        check(f"the sum of child {number}", sum(map(len, words)), sum(json.loads(answer)))


def child():
    words = json.load(sys.stdin)
    json.dump([len(word) for word in words], sys.stdout)


def threads():
    """What a worker makes the next one takes apart."""
    queues = [queue.Queue(50) for _ in range(WORKERS + 1)]
    totals = collections.Counter()

    def work(number):
        while (item := queues[number].get()) is not None:
            key, values = item
            queues[number + 1].put((f"{key}.{number}", [str(value) * 3 for value in values]))
        queues[number + 1].put(None)

    def feed():
        for number in range(300):
            queues[0].put((f"item {number}", list(range(number % 40))))
        queues[0].put(None)

    started = [threading.Thread(target=work, args=(number,)) for number in range(WORKERS)]
    started.append(threading.Thread(target=feed))
    for thread in started:
        thread.start()
    while (item := queues[WORKERS].get()) is not None:
        totals["items"] += 1
        totals["characters"] += sum(map(len, item[1]))
    for thread in started:
        thread.join()
    lengths = sum(len(str(value)) * 3 ** WORKERS for number in range(300)
                  for value in range(number % 40))
    check("items of the threads", 300, totals["items"])
    check("characters of the threads", lengths, totals["characters"])


def main(rounds, child_count):
    for number in range(1, rounds + 1):
        regular_expressions(number)
        documents()
        # Before the threads, and when they have ended: an emulator may not fork a threaded process.
        children(child_count)
        threads()
    print("all results are right")


if __name__ == "__main__":
    if sys.argv[1:] == ["child"]:
        child()
    else:
        main(int(sys.argv[1]), int(sys.argv[2]))
