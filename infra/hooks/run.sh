#!/bin/sh
# Runs one of the hooks beside this file with whatever Python there is: run.sh postprovision
set -eu
here=$(cd "$(dirname "$0")" && pwd)
for python in python3 python; do
  if command -v "$python" >/dev/null 2>&1; then
    exec "$python" "$here/$1.py"
  fi
done
echo "Python 3.9 or newer is needed for the hook $1, and azd needs it too." >&2
exit 1
