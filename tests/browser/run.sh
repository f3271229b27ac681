#!/bin/sh
# Tests the pages in a folder in headless Chromium: tests/browser/run.sh FOLDER
# Needs node, npm and chromium (or CHROMIUM=/path/to/it).
set -eu
[ $# -eq 1 ] || { echo "usage: $0 FOLDER" >&2; exit 2; }
folder=$(cd "$1" && pwd)
cd "$(dirname "$0")"
PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund --loglevel=error >&2
exec node report.test.mjs "$folder"
