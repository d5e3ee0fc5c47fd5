"""The program that `make run` shows: a small search engine.

It generates a collection of documents, several threads build an inverted index of it and merge
theirs into one, the index goes through JSON and back, searches are answered from it, and part of
the documents is replaced. Every answer is checked against a plain scan of the documents, so the
program is also a test: it ends with exit code 1 when a result is wrong.

Usage: python3 workload.py [DOCUMENTS [THREADS]]
Run it with PYTHONMALLOC=malloc: then every Python object comes from malloc.
"""

import json
import random
import sys
import threading
import time

SYLLABLES = ["ka", "lo", "mi", "ren", "tas", "vor", "ul", "esh", "pin", "dra", "go", "qui"]
WORDS_IN_DOCUMENT = 120
VOCABULARY = 6000
QUERIES = 300


def make_vocabulary(source):
    words = set()
    while len(words) < VOCABULARY:
        words.add("".join(source.choices(SYLLABLES, k=source.randint(2, 4))))
    return sorted(words)


def make_document(source, vocabulary, number):
    """Few words are frequent and many are rare, as in a language."""
    indices = (int(source.paretovariate(0.6)) % VOCABULARY for _ in range(WORDS_IN_DOCUMENT))
    return {
        "number": number,
        "title": "document %d" % number,
        "text": " ".join(vocabulary[index] for index in indices),
    }


def index_documents(documents):
    """word -> {document number -> [positions]}"""
    index = {}
    for document in documents:
        for position, word in enumerate(document["text"].split(" ")):
            index.setdefault(word, {}).setdefault(document["number"], []).append(position)
    return index


def merge_index(target, other):
    for word, places in other.items():
        target.setdefault(word, {}).update(places)


def index_in_threads(documents, thread_count):
    """Each thread indexes a part; the blocks it allocated are freed by the main thread."""
    parts = [None] * thread_count
    failures = []

    def work(which):
        try:
            parts[which] = index_documents(documents[which::thread_count])
        except Exception as error:  # reported by the main thread
            failures.append(error)

    threads = [threading.Thread(target=work, args=(which,)) for which in range(thread_count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    index = {}
    while parts:
        merge_index(index, parts.pop())
    return index


def through_json(index):
    text = json.dumps(index, separators=(",", ":"))
    loaded = json.loads(text)
    restored = {
        word: {int(number): positions for number, positions in places.items()}
        for word, places in loaded.items()
    }
    return len(text), restored


def remove_document(index, document):
    for word in set(document["text"].split(" ")):
        places = index[word]
        del places[document["number"]]
        if not places:
            del index[word]


def search(index, words):
    """The numbers of the documents that hold all the words."""
    found = None
    for word in words:
        numbers = set(index.get(word, ()))
        found = numbers if found is None else found & numbers
    return sorted(found)


def scan(word_sets, words):
    return sorted(number for number, held in word_sets.items() if held.issuperset(words))


def check(what, is_right):
    if not is_right:
        print("WRONG: %s" % what)
        sys.exit(1)


def answer_queries(source, vocabulary, index, documents):
    word_sets = {document["number"]: set(document["text"].split(" ")) for document in documents}
    hits = 0
    for _ in range(QUERIES):
        words = [vocabulary[int(source.paretovariate(0.6)) % VOCABULARY]
                 for _ in range(source.randint(1, 3))]
        found = search(index, words)
        check("the answer to %s" % words, found == scan(word_sets, words))
        hits += len(found)
    return hits


def replace_documents(source, vocabulary, index, documents, count):
    for which in source.sample(range(len(documents)), count):
        remove_document(index, documents[which])
        documents[which] = make_document(source, vocabulary, documents[which]["number"])
        merge_index_of_one(index, documents[which])


def merge_index_of_one(index, document):
    for word, places in index_documents([document]).items():
        index.setdefault(word, {}).update(places)


def main(arguments):
    document_count = int(arguments[0]) if arguments else 3000
    thread_count = int(arguments[1]) if len(arguments) > 1 else 4
    source = random.Random(20260101)
    start = time.perf_counter()

    vocabulary = make_vocabulary(source)
    documents = [make_document(source, vocabulary, number) for number in range(document_count)]
    index = index_in_threads(documents, thread_count)
    places = sum(len(list_) for word in index.values() for list_ in word.values())
    check("the number of places", places == document_count * WORDS_IN_DOCUMENT)

    json_bytes, restored = through_json(index)
    check("the index after JSON", restored == index)
    index = restored

    hits = answer_queries(source, vocabulary, index, documents)
    replace_documents(source, vocabulary, index, documents, document_count // 3)
    check("the index after replacing documents", index == index_documents(documents))
    hits += answer_queries(source, vocabulary, index, documents)

    print("%d documents were indexed by %d threads: %d words in %d places, %d bytes of JSON." %
          (document_count, thread_count, len(index), places, json_bytes))
    print("%d searches found %d documents, each the same as by a plain scan." %
          (2 * QUERIES, hits))
    print("It took %.2f seconds." % (time.perf_counter() - start), file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
