#!/usr/bin/env bash
# container.sh FOLDER [NAME=VALUE ...] -- COMMAND...: run a command in the image, without an engine.
#
# FOLDER holds what an engine would hold: `root` (the image's files), `data` (the volume), and
# `environment` and `user` from the image's configuration. As compose.yaml asks: the root is
# read-only, /tmp is in memory, there are no capabilities and no new privileges. The network is the
# machine's own.
set -euo pipefail
folder=$1 && shift
settings=()
while [ "$1" != -- ]; do settings+=("$1") && shift; done
shift
mapfile -t environment < "$folder/environment"
read -r user < "$folder/user"

inside() {
  local root=$1 data=$2 && shift 2
  mount --make-rprivate /
  mount --bind "$root" "$root"
  mount --bind "$data" "$root/data"
  mount --bind /etc/resolv.conf "$root/etc/resolv.conf"
  mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
  mount -t proc proc "$root/proc"
  mount -t tmpfs -o mode=755 tmpfs "$root/dev"
  for device in null zero random urandom; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
  done
  mkdir -m 1777 "$root/dev/shm"
  mount -o remount,bind,ro "$root"
  exec chroot "$root" "$@"
}
export -f inside

exec unshare --mount --pid --ipc --uts --fork --kill-child \
  bash -c 'inside "$@"' inside "$(readlink -f "$folder/root")" "$folder/data" \
  setpriv --reuid "${user%%:*}" --regid "${user##*:}" --clear-groups --no-new-privs \
  --bounding-set=-all --inh-caps=-all \
  env -i "${environment[@]}" "${settings[@]}" "$@"
