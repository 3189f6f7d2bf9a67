#!/bin/sh
# What PDF sheets need beside Python: Debian's Pango and a font, installed when they are missing. Pages work without.
set -eu
if ldconfig -p | grep -q libpangoft2-1.0.so.0 && ldconfig -p | grep -q libharfbuzz-subset.so.0; then exit 0; fi
exec sh "$(dirname "$0")/debian.sh" libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core
