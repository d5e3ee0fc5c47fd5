# The front door. `make help` lists what there is; the build itself is CMake's (CMakePresets.json).
# Everything built lies below out/, one folder for each preset.

JOBS ?= $(shell nproc 2>/dev/null || echo 2)
PROG ?=

# Ninja is quicker where it is installed; a folder keeps the generator it was configured with.
ifneq ($(shell command -v ninja 2>/dev/null),)
export CMAKE_GENERATOR ?= Ninja
endif

CHECKED_PRESETS := release debug asan ubsan tsan single
# Which tests run in which build: all in release and debug, what a sanitizer can see in theirs.
TEST_FOLDERS := \
  "out/release=!lint,!tool" "out/debug=!install,!package,!matrix" \
  "out/asan=unit,api,fuzz,stress" "out/ubsan=unit,api,fuzz,stress" "out/tsan=unit,stress" \
  "out/single=api,death,override"
# Of the lanes for other machines that CI runs (group ci of scripts/test_platforms.py).
LANE_TESTS := unit,api,stress,override,platforms,windows

.PHONY: all $(CHECKED_PRESETS) run test clients bench test-fuzz tidy format format-check lint \
        doc install uninstall deb matrix test-platforms test-windows test-cpython clean help
.DEFAULT_GOAL := all

all:
	@scripts/setup.sh build
	@scripts/build_preset.sh release $(JOBS) libraries

help:
	@echo "make               build the release library: out/release/libmimalloc.so"
	@echo "make run           run a program on it; PROG=\"redis-server --version\" names another one"
	@echo "make test          build every configuration and run all tests"
	@echo "make clients       compare programs linked to mimalloc with their run on Debian's library"
	@echo "make bench         measure against other allocators; BENCH=\"--quick\" passes options"
	@echo "make test-fuzz     fuzz with libFuzzer for FUZZ_SECONDS (60) seconds a target"
	@echo "make debug         build one configuration: release debug asan ubsan tsan single"
	@echo "make tidy          clang-tidy over src/"
	@echo "make format        format the sources; make format-check only looks"
	@echo "make lint          all checks of the sources: layers, format, tidy, function lengths"
	@echo "make doc           the documentation as HTML: out/doc/html/index.html"
	@echo "make install       install the release build; PREFIX=/usr/local, DESTDIR as usual"
	@echo "make uninstall     remove what make install put down; DESTDIR as usual"
	@echo "make deb           Debian packages into out/deb"
	@echo "make test-platforms  other processors and C libraries; LANES=\"armv7 s390x\" or LANES=ci chooses"
	@echo "make test-cpython  CPython's own tests on its embedded mimalloc and on ours; CPYTHON=\"--all\""
	@echo "make test-windows  programs for Windows, in wine; LANES=\"x64 x86\" or LANES=ci chooses"
	@echo "make matrix        compilers x links x builds x flags; MATRIX=\"--all gcc\" passes options"
	@echo "make clean         remove out/"

$(CHECKED_PRESETS):
	@scripts/setup.sh build
	@scripts/build_preset.sh $@ $(JOBS)

run:
	@scripts/setup.sh build run
	@scripts/build_preset.sh --quiet release $(JOBS) libraries
	@test/programs/run_one.sh out/release/libmimalloc.so $(PROG)

test:
	@scripts/setup.sh build lint test package windows
	@for preset in $(CHECKED_PRESETS); do \
	  scripts/build_preset.sh --quiet $$preset $(JOBS) || exit 1; \
	done
	@python3 scripts/test_platforms.py --build --jobs $(JOBS) ci || [ $$? -eq 77 ]
	@for lane in $$(python3 scripts/test_platforms.py --names ci); do \
	  set -- "$$@" "out/platforms/$$lane=$(LANE_TESTS)"; \
	done; python3 scripts/gather_tests.py out/test $(TEST_FOLDERS) "$$@"
	@status=0; report=$(CURDIR)/out/test/junit.xml; rm -f $$report; \
	ctest --test-dir out/test --output-on-failure --output-junit $$report -j $(JOBS) $(CTEST) || \
	  status=$$?; python3 scripts/test_report.py $$report; exit $$status

clients:
	@scripts/setup.sh build test
	@scripts/build_preset.sh --quiet release $(JOBS)
	@python3 test/clients/run.py $(CLIENTS)

bench:
	@scripts/setup.sh build bench
	@scripts/build_preset.sh --quiet release $(JOBS)
	@python3 bench/run.py $(BENCH)

FUZZ_SECONDS ?= 60
test-fuzz:
	@scripts/setup.sh build fuzz
	@scripts/build_preset.sh --quiet fuzz $(JOBS) fuzz-model
	@scripts/build_preset.sh --quiet fuzz $(JOBS) fuzz-pe
	@scripts/build_preset.sh --quiet fuzz $(JOBS) fuzz-plan
	@scripts/build_preset.sh --quiet fuzz $(JOBS) pe-corpus
	@scripts/run_fuzz.sh out/fuzz $(FUZZ_SECONDS)
	@scripts/run_fuzz.sh out/fuzz $(FUZZ_SECONDS) fuzz-pe
	@scripts/run_fuzz.sh out/fuzz $(FUZZ_SECONDS) fuzz-plan

tidy:
	@scripts/setup.sh build lint
	@scripts/build_preset.sh --quiet --configure debug $(JOBS)
	@python3 scripts/run_clang_tidy.py out/debug || [ $$? -eq 77 ]

format:
	@scripts/setup.sh lint
	@python3 scripts/run_clang_format.py

format-check:
	@scripts/setup.sh lint
	@python3 scripts/run_clang_format.py --check || [ $$? -eq 77 ]

lint:
	@scripts/setup.sh build lint
	@scripts/build_preset.sh --quiet debug $(JOBS)
	@ctest --test-dir out/debug -L lint --output-on-failure

doc:
	@scripts/setup.sh doc
	@python3 scripts/make_html_doc.py out/doc

PREFIX ?= /usr/local
install: all
	@cmake --install out/release --prefix "$(PREFIX)"

uninstall:
	@cmake "-DMANIFEST=$(CURDIR)/out/release/install_manifest.txt" -P cmake/uninstall.cmake

deb:
	@scripts/setup.sh build package
	@packaging/build_deb.sh

test-windows:
	@nice -n 5 python3 scripts/test_platforms.py --jobs $(JOBS) --work out/windows \
	  $(if $(LANES),$(addprefix windows-,$(LANES)),windows)

test-platforms:
	@nice -n 5 python3 scripts/test_platforms.py --jobs $(JOBS) $(LANES)

test-cpython:
	@scripts/setup.sh build cpython
	@scripts/build_preset.sh --quiet release $(JOBS) libraries
	@nice -n 5 python3 test/cpython/run.py $(CPYTHON)

matrix:
	@scripts/setup.sh build matrix
	@nice -n 5 python3 scripts/build_matrix.py --jobs $(JOBS) $(MATRIX)

clean:
	rm -rf out
