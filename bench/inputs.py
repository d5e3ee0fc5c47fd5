"""Inputs of the real programs, generated once into the cache: deterministic, nothing downloaded."""
import os
import random
import subprocess

CACHE = os.environ.get("MIM_BENCH_CACHE") or os.path.join(
    os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "mimalloc-bench")


def cached(name, make):
    """The path of an input; `make(path)` writes it, under another name until it is complete."""
    path = os.path.join(CACHE, "inputs", name)
    if not os.path.exists(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        partial = f"{path}.{os.getpid()}"
        make(partial)
        os.rename(partial, path)
    return path


def write_text(path, lines):
    with open(path, "w", encoding="ascii") as file:
        file.write("\n".join(lines) + "\n")


def c_source(function_count):
    """A C file of many functions with loops, switches and structs."""
    def make(path):
        pick = random.Random(1)
        lines = ["struct point { long x, y; struct point* next; };",
                 "extern long sink(long, const char*);"]
        for f in range(function_count):
            cases = [f"    case {c}: sum += a[{c % 8}] * {pick.randint(2, 99)} ^ p->x; break;"
                     for c in range(12)]
            lines += [f"static const char name_{f}[] = \"function {f}\";",
                      f"long function_{f}(struct point* p, const long* a, int n) {{",
                      f"  long sum = {pick.randint(1, 9999)};",
                      "  for (int i = 0; i < n && p != 0; i++, p = p->next) {",
                      f"    switch ((a[i & 7] + i) % {pick.randint(12, 17)}) {{", *cases,
                      f"    default: sum -= p->y >> {pick.randint(1, 7)};", "    }",
                      f"    if (sum > {pick.randint(1000, 99999)}) sum = sink(sum, name_{f});",
                      "  }", "  return sum;", "}"]
        write_text(path, lines)
    return cached(f"functions-{function_count}.c", make)


def postscript(page_count):
    """Pages of text in several fonts, curves and clipped fills."""
    def make(path):
        pick = random.Random(2)
        lines = ["%!PS-Adobe-3.0"]
        for page in range(page_count):
            for y in range(50, 750, 14):
                font = pick.choice(["Times-Roman", "Helvetica", "Courier", "Times-Italic"])
                words = " ".join("".join(pick.choices("abcdefghijklmnop", k=pick.randint(2, 9)))
                                 for _ in range(12))
                lines += [f"/{font} findfont {pick.randint(8, 12)} scalefont setfont",
                          f"40 {y} moveto (page {page} {words}) show"]
            for _ in range(150):
                points = " ".join(str(pick.randint(20, 580)) for _ in range(8))
                a = points.split()
                lines += [f"newpath {a[0]} {a[1]} moveto {' '.join(a[2:8])} curveto "
                          f"0.{pick.randint(1, 9)} setgray "
                          f"{pick.choice(['stroke', 'closepath fill', 'gsave clip grestore'])}"]
            lines.append("showpage")
        write_text(path, lines)
    return cached(f"pages-{page_count}.ps", make)


def sql(row_count):
    """A script that builds a database of about `row_count` / 2500 MB and checks it."""
    def make(path):
        write_text(path, [
            "PRAGMA journal_mode=OFF;", "PRAGMA synchronous=OFF;", "PRAGMA cache_size=-65536;",
            "CREATE TABLE t(id INTEGER PRIMARY KEY, k INTEGER, name TEXT, body TEXT);",
            f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<{row_count})",
            "INSERT INTO t SELECT i, i*7919%1000003, 'name '||i, hex(zeroblob(150))||i FROM n;",
            "CREATE INDEX by_k ON t(k);", "CREATE INDEX by_name ON t(name);",
            "UPDATE t SET body=body||name WHERE k%17=0;", "DELETE FROM t WHERE k%13=0;",
            "SELECT count(*), sum(length(body)), sum(k) FROM t;",
            "SELECT k%10, count(*), group_concat(substr(name,1,2),'') FROM t WHERE k<2000 "
            "GROUP BY 1 ORDER BY 1;",
            "PRAGMA integrity_check;"])
    return cached(f"build-{row_count}.sql", make)


def git_import(commit_count):
    """A repository as a fast-import stream: files that grow and change, loose history."""
    def make(path):
        pick = random.Random(3)
        files = {f"folder{n % 20}/file{n}.txt": [f"line {k} of file {n}" for k in range(60)]
                 for n in range(200)}
        stream = []
        for commit in range(commit_count):
            stream += ["commit refs/heads/main",
                       f"committer A <a@example.org> {1700000000 + commit} +0000",
                       f"data {len(str(commit))}", str(commit)]
            for name in pick.sample(sorted(files), 8):
                lines = files[name]
                lines.insert(pick.randrange(len(lines)), f"commit {commit}: {pick.random()}")
                lines[pick.randrange(len(lines))] = f"changed by {commit}"
                text = "\n".join(lines) + "\n"
                stream += [f"M 100644 inline {name}", f"data {len(text)}", text]
            stream.append("")
        write_text(path, stream)

    def make_repository(path):
        stream = cached(f"history-{commit_count}.import", make)
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", path], check=True)
        with open(stream, "rb") as file:
            subprocess.run(["git", "-C", path, "-c", "fastimport.unpackLimit=0", "fast-import",
                            "--quiet", "--depth=0"], stdin=file, check=True)
    return cached(f"repository-{commit_count}.git", make_repository)
