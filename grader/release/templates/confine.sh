#!/usr/bin/env bash
# Gets the strongest confinement that this machine allows for students' programs: bubblewrap, and on Ubuntu 24.04 and
# later the AppArmor profile that lets it have user namespaces. Changes nothing where it works already.
set -u

works() {
    bwrap --unshare-user --unshare-pid --unshare-net --ro-bind / / --proc /proc --dev /dev true 2>/dev/null
}
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}
install_packages() {
    as_root apt-get update -qq && DEBIAN_FRONTEND=noninteractive as_root apt-get install -y -qq --no-install-recommends "$@"
}
allow_namespaces() {
    profile=/usr/share/apparmor/extra-profiles/bwrap-userns-restrict
    [ -e "$profile" ] || install_packages apparmor-profiles
    as_root cp "$profile" /etc/apparmor.d/bwrap-userns-restrict &&
        as_root apparmor_parser -r /etc/apparmor.d/bwrap-userns-restrict
}

works && exit 0
command -v apt-get >/dev/null || { echo "confine.sh: no apt-get here; install bubblewrap by hand"; exit 0; }
command -v bwrap >/dev/null || install_packages bubblewrap
works && exit 0
if [ "$(cat /proc/sys/kernel/apparmor_restrict_unprivileged_userns 2>/dev/null)" = 1 ]; then allow_namespaces; fi
works || echo "confine.sh: bubblewrap does not work here; a lower tier is used (grade doctor tells which)"
exit 0
