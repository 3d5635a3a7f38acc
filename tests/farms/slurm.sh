#!/bin/sh
# A Slurm job array that shares out the photos of a folder among 16 tasks: sbatch slurm.sh PHOTOS PAINTING PICTURES [easel's flags]
# To run it again paints what is missing. EASEL names the program if it is not on the PATH.
#SBATCH --job-name=easel
#SBATCH --array=0-15
#SBATCH --cpus-per-task=2
#SBATCH --mem=4G
set -eu
photos="$1" painting="$2" pictures="$3"
shift 3
export NODEVICE_SELECT=1 # without a display Mesa's layer for choosing a device only complains
exec "${EASEL:-easel}" batch --content "$photos" --style "$painting" --out "$pictures" --json "$@"
