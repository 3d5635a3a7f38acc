#!/usr/bin/env bash
# Finds a browser (chromium, headless-shell, firefox or webkit) and prints its path; with "install" gets one from the system's packages
# if there is none.
set -euo pipefail
browser="${1:-}"
case "$browser" in
  chromium) title="Chromium or Chrome" variable=CHROMIUM packages=(chromium) names=(chromium chromium-browser google-chrome google-chrome-stable) ;;
  # Chromium's engine without the window nobody sees, a fifth less work for a page; where it cannot be had, Chromium.
  headless-shell) title="Chromium's headless shell" variable=CHROMIUM packages=(chromium-headless-shell) names=(chromium-headless-shell chrome-headless-shell) ;;
  firefox) title=Firefox variable=FIREFOX packages=(firefox-esr) names=(firefox-esr firefox) ;;
  # WebKitGTK is a library: what is started is its driver, which opens a window of ours (engines/webkit-window.py) on a screen nobody sees.
  webkit) title="WebKitGTK's driver, Xvfb and PyGObject" variable=WEBKIT_DRIVER packages=(webkit2gtk-driver xvfb python3-gi gir1.2-webkit2-4.1) names=(WebKitWebDriver) ;;
  *) echo "Say which browser: browser.sh chromium|headless-shell|firefox|webkit [install]" >&2; exit 2 ;;
esac
complete() {
  [ "$browser" != webkit ] || { command -v Xvfb && /usr/bin/python3 -c 'import gi; gi.require_version("WebKit2", "4.1")'; } > /dev/null 2>&1
}
find_one() {
  complete || return 1
  for name in "${!variable:-}" "${names[@]}"; do
    [ -n "$name" ] && command -v "$name" && return 0
  done
  return 1
}
# Installs the packages; what it is given are flags for sudo, where that is needed.
get() {
  local sudo=()
  [ "$(id -u)" = 0 ] || sudo=(sudo "$@")
  "${sudo[@]}" apt-get update -q && "${sudo[@]}" apt-get install -qy "${packages[@]}"
}
if find_one; then exit 0; fi
if [ "$browser" = headless-shell ]; then
  # Nothing is amiss without it, so nobody is asked for a password.
  if [ "${2:-}" = install ] && command -v apt-get > /dev/null; then
    get -n && find_one && exit 0
    echo "$title cannot be had here; Chromium takes its place, a little slower." >&2
  fi
  exec "$0" chromium "${@:2}"
fi
if [ "${2:-}" = install ] && get && find_one; then exit 0; fi
echo "$title was not found. Install it (Debian: ${packages[*]}), or set $variable to its path." >&2
exit 1
