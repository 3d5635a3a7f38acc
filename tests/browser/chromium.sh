#!/usr/bin/env bash
# Finds a Chromium and prints its path; with "install" gets one from the system's packages if there is none.
set -euo pipefail
find_one() {
  for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
    [ -n "$name" ] && command -v "$name" && return 0
  done
  return 1
}
if find_one; then exit 0; fi
if [ "${1:-}" = install ]; then
  sudo=""; [ "$(id -u)" = 0 ] || sudo="sudo"
  $sudo apt-get update -q && $sudo apt-get install -qy chromium
  find_one && exit 0
fi
echo "No Chromium was found. Install Chromium or Chrome, or set CHROMIUM to its path." >&2
exit 1
