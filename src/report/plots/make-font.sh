#!/bin/sh
# Cuts DejaVuSans.ttf (2.37) down to the characters of the pictures: make-font.sh DejaVuSans.ttf
# Needs pyftsubset of fonttools.
set -eu
exec pyftsubset "$1" --output-file="$(dirname "$0")/DejaVuSans-subset.ttf" \
  --unicodes=0020-007E,00A0-00FF,0131,0391-03A9,03B1-03C9,1D62,2010-2015,2018-201E,2026,202F,2032,2070-209C,2190-2195,2202,2206,2208,220F,2211,2212,221A,221D,221E,2223,222B,2248,2260,2264,2265 \
  --layout-features= --no-hinting --desubroutinize --name-IDs='*' --notdef-outline
