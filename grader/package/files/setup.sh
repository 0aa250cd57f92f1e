#!/usr/bin/env bash
# Run once, as root, when Gradescope builds the image: a Python that is new enough, and what the grader needs.
set -euo pipefail
home="${AUTOGRADER_HOME:-/autograder}"
export DEBIAN_FRONTEND=noninteractive

apt-get update
found=""
for version in 3.13 3.12 3.11; do
    if apt-get install -y "python$version" "python$version-venv"; then
        found="python$version"
        break
    fi
done
if [ -z "$found" ]; then
    echo "this image has no Python 3.11 or later: choose a newer base image in the assignment's settings" >&2
    exit 1
fi

"$found" -m venv "$home/venv"
"$home/venv/bin/pip" install --no-cache-dir -r "$home/source/requirements.txt"
# The processes of the jail start without a path of their own, so the grader has to be where Python looks for packages.
"$home/venv/bin/python" -c 'import pathlib, sysconfig, sys
pathlib.Path(sysconfig.get_path("purelib"), "grader.pth").write_text(sys.argv[1] + "\n")' "$home/source"

"$home/venv/bin/python" -m grader --version
"$home/venv/bin/python" -m grader doctor || true  # only to be read in the build's log: each submission asks again
