#!/usr/bin/env bash
# Makes sure that there is a Vulkan driver for the native kernel tests: Mesa's, whose lavapipe needs no GPU.
set -euo pipefail
[ "$(uname)" = Linux ] || exit 0
for folder in /usr/share/vulkan/icd.d /etc/vulkan/icd.d; do
  if compgen -G "$folder/*.json" >/dev/null && ldconfig -p | grep -q "libvulkan.so.1"; then exit 0; fi
done
sudo=""; [ "$(id -u)" = 0 ] || sudo="sudo"
$sudo apt-get update -q && $sudo apt-get install -qy libvulkan1 mesa-vulkan-drivers
