# The one door. `make help` lists what is behind it.

JOBS ?= $(shell nproc)
SECONDS ?= 60
PYTHON ?= /usr/bin/python3
export PYTHON

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets
	@echo "Sallyport, an API security gateway. Targets:"
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

.PHONY: demo
demo: ## Build, then serve a sample API through the gateway until Ctrl-C
	@tools/bootstrap build
	@$(MAKE) --no-print-directory release
	@tools/demo

.PHONY: test
test: ## Build, then run unit tests (ASan + UBSan) and end-to-end tests
	@tools/bootstrap build test
	@$(MAKE) --no-print-directory dev release
	@tools/run_tests

.PHONY: check
check: ## Everything a change must pass: format, layers, generated docs, lint, tests
	@tools/bootstrap build test lint
	@tools/format --check
	@tools/check_layers
	@$(MAKE) --no-print-directory dev release
	@tools/docs --check
	@tools/lint
	@tools/run_tests

.PHONY: bench
bench: ## Measure the release build against nginx and HAProxy
	@tools/bootstrap build bench
	@$(MAKE) --no-print-directory release
	@bench/run $(BENCH_ARGS)

.PHONY: timing
timing: ## Whether the time of a refusal tells how much of a secret was right (t-test)
	@tools/bootstrap build
	@$(MAKE) --no-print-directory build/release/build.ninja
	@cmake --build --preset release -j $(JOBS) --target timing
	@build/release/timing $(SAMPLES)

.PHONY: fuzz
fuzz: ## Run every fuzzer for SECONDS=60 each, from the seeds in tests/corpus/
	@tools/bootstrap build test
	@$(MAKE) --no-print-directory build/fuzz/build.ninja
	@cmake --build --preset fuzz -j $(JOBS)
	@tools/fuzz --seconds $(SECONDS) --jobs $(JOBS) $(FUZZERS)

.PHONY: format
format: ## Format the C++ sources
	@tools/bootstrap lint
	@tools/format

.PHONY: lint
lint: ## Run clang-tidy and shellcheck over what changed since they last passed
	@tools/bootstrap build test lint
	@$(MAKE) --no-print-directory dev
	@tools/lint

.PHONY: docs
docs: ## Write docs/reference/ from the program's own tables
	@tools/bootstrap build
	@$(MAKE) --no-print-directory release
	@tools/docs

.PHONY: package
package: ## Build the Debian package into build/release/
	@tools/bootstrap build package
	@$(MAKE) --no-print-directory release
	@cmake --build --preset release --target package_files
	@cd build/release && cpack -G DEB

.PHONY: coverage
coverage: ## Line coverage of the unit tests, as text
	@tools/bootstrap build test
	@$(MAKE) --no-print-directory build/coverage/build.ninja
	@cmake --build --preset coverage -j $(JOBS)
	@tools/coverage

.PHONY: dev
dev: build/dev/build.ninja ## Build with ASan + UBSan, and the unit tests
	@cmake --build --preset dev -j $(JOBS)

.PHONY: tsan
tsan: ## Build with TSan, run the unit tests
	@tools/bootstrap build test
	@$(MAKE) --no-print-directory build/tsan/build.ninja
	@cmake --build --preset tsan -j $(JOBS)
	@ctest --preset tsan -j $(JOBS)

.PHONY: release
release: build/release/build.ninja ## Build what is shipped: build/release/sallyport
	@cmake --build --preset release -j $(JOBS)

build/%/build.ninja: CMakePresets.json
	@cmake --preset $*
	@touch $@

.PHONY: clean
clean: ## Remove everything built
	@rm -rf build
