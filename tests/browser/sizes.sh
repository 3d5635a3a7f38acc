#!/usr/bin/env bash
# Prints what a visitor downloads, gzipped, and fails where a limit is passed.
set -euo pipefail
dist=${1:?the dist folder}
gzipped() { cat "$@" | gzip -9 | wc -c; }
wasm=$(gzipped "$dist"/*.wasm)
shell=$(find "$dist" -name '*.html' -o -name '*.css' -o -name '*.js' | while read -r f; do gzipped "$f"; done | awk "{s += \$1} END {print s}")
printf 'wasm %.2f MB, JS + CSS + HTML %.1f kB (gzipped)\n' "$(awk "BEGIN{print $wasm/1e6}")" "$(awk "BEGIN{print $shell/1e3}")"
[ "$wasm" -le 3000000 ] || { echo "The wasm is over 3.0 MB gzipped." >&2; exit 1; }
[ "$shell" -le 150000 ] || { echo "JS, CSS and HTML are over 150 kB gzipped." >&2; exit 1; }
