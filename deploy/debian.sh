#!/bin/sh
# Install Debian packages without letting them start services of their own: debian.sh PACKAGE...
# Needs root and apt-get; says what to do otherwise.
set -eu

fail() { echo "debian: $*" >&2; exit 1; }
command -v apt-get >/dev/null || fail "$* missing and this is no Debian: install it yourself."
[ "$(id -u)" = 0 ] || fail "$* missing and only root can install: run 'sudo apt-get install $*' once."
echo "debian: installing $*" >&2
policy=/usr/sbin/policy-rc.d ours=
[ -e $policy ] || { printf '#!/bin/sh\nexit 101\n' >$policy; chmod +x $policy; ours=yes; }
trap '[ -z "$ours" ] || rm -f $policy' EXIT
export DEBIAN_FRONTEND=noninteractive
apt-get -qq -o DPkg::Lock::Timeout=300 update
apt-get -qq -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@" >/dev/null ||
  fail "apt-get could not install $*: look at its message above."
