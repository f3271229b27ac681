#!/bin/sh
# Tests pages in headless Chromium: tests/browser/run.sh [FOLDER]
# Without a folder the sample pages, which it has written first. Needs node, npm and chromium (or CHROMIUM=/path/to/it).
set -eu
[ $# -le 1 ] || { echo "usage: $0 [FOLDER]" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
if [ $# -eq 0 ]; then
    cd "$here/../.."
    # the tests that write pages, by their names
    cargo test --release --quiet --test report --test commands -- --include-ignored page study_report same_input >&2
    set -- "${CARGO_TARGET_DIR:-target}/tmp/pages"
fi
folder=$(cd "$1" && pwd)
cd "$here"
PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund --loglevel=error >&2
exec node report.test.mjs "$folder"
