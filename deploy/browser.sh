#!/bin/sh
# A browser for tests and pictures: Debian's Chromium, installed when there is none (make test-browser, make screenshots).
set -eu
for name in chromium chromium-browser google-chrome; do
  if command -v $name >/dev/null; then exit 0; fi
done
exec sh "$(dirname "$0")/debian.sh" chromium fonts-liberation
