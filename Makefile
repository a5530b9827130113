# The two commands of the README (demo, test) and the developer's toolbox.
SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup demo venv test check bench soak fuzz check-real

help: ## says what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: ## installs the Debian packages that are missing
	@scripts/setup.sh

demo: setup ## makes a synthetic ticket in ./demo, redacts it and shows before and after
	cargo build --locked --bin custody --example make_ticket
	@scripts/demo.sh

venv: setup ## the tests' Python environment, with openpyxl
	@scripts/venv.sh

test: venv ## format, lints, docs and all tests
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps
	cargo test --locked --workspace

check: ## fast: format and lints of the crates that were changed
	cargo fmt --all --check
	cargo clippy --locked $$(scripts/changed.sh) --all-targets -- -D warnings

bench: setup ## the benches; results go into benches/results/ by hand
	cargo bench --locked

soak: setup ## long tests of the store, a 2 GB log and a 10-minute recording; fails above 1 GiB resident
	cargo build --locked --release --bin custody
	cargo build --locked --example make_ticket
	@scripts/soak.sh

fuzz: setup ## some seconds of every fuzz target
	@scripts/fuzz.sh

check-real: venv ## the same checks on real templates and WSDLs: EIB_DIR=... (real/*.xlsx, wsdl/*.wsdl, layouts.json)
	cargo build --locked --workspace --bin custody --example check_real
	@scripts/check_real.sh "$(EIB_DIR)"
