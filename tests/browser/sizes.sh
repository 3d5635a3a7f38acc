#!/usr/bin/env bash
# Prints what a visitor downloads, gzipped, and fails where a limit is passed.
set -euo pipefail
dist=${1:?the dist folder}
gzipped() { cat "$@" | gzip -9 | wc -c; }
wasm=$(gzipped "$dist"/*.wasm)
# What makes films is fetched by those only who make one.
film=$(gzipped "$dist"/vendor/mediabunny.js)
shell=$(find "$dist" \( -name '*.html' -o -name '*.css' -o -name '*.js' \) ! -name mediabunny.js | while read -r f; do gzipped "$f"; done | awk "{s += \$1} END {print s}")
printf 'wasm %.2f MB, JS + CSS + HTML %.1f kB, for films %.1f kB more (gzipped)\n' "$(awk "BEGIN{print $wasm/1e6}")" "$(awk "BEGIN{print $shell/1e3}")" "$(awk "BEGIN{print $film/1e3}")"
[ "$wasm" -le 3300000 ] || { echo "The wasm is over 3.3 MB gzipped." >&2; exit 1; }
[ "$film" -le 45000 ] || { echo "What makes films is over 45 kB gzipped." >&2; exit 1; }
[ "$shell" -le 150000 ] || { echo "JS, CSS and HTML are over 150 kB gzipped." >&2; exit 1; }
