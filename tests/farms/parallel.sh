#!/bin/sh
# GNU parallel, here or on other machines (--sshlogin), in eight shares: parallel.sh PHOTOS PAINTING PICTURES [easel's flags]
set -eu
photos="$1" painting="$2" pictures="$3"
shift 3
export NODEVICE_SELECT=1 # without a display Mesa's layer for choosing a device only complains
seq 8 | parallel --halt never "${EASEL:-easel}" batch --content "$photos" --style "$painting" --out "$pictures" --shard {}/8 "$@"
