#!/usr/bin/env bash
# build.sh FOLDER: build the image with buildah and lay it out in FOLDER for container.sh.
#
# The base is made with debootstrap, so that no image registry is needed; it has Debian's Python
# where the published base has its own. How this machine reaches packages (pip's configuration,
# certificates, folders of wheels) is lent to the build and must not be found in its result.
set -euo pipefail
folder=$1
export BUILDAH_ISOLATION=chroot
# vfs needs nothing of the kernel, so this also runs inside a container.
buildah=(buildah --storage-driver vfs --root "$folder/storage" --runroot "$folder/runroot")

make_base() {
  debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates \
    bookworm "$folder/base" > "$folder/debootstrap.log"
  # As the published slim bases do: no package files, no manuals, no translations.
  rm -rf "$folder"/base/var/cache/apt/*.bin "$folder"/base/var/cache/apt/archives/*.deb \
    "$folder"/base/var/lib/apt/lists/* "$folder"/base/usr/share/{doc,info,locale,man}/*
  local container
  container=$("${buildah[@]}" from scratch)
  "${buildah[@]}" add --quiet "$container" "$folder/base" / > /dev/null
  "${buildah[@]}" commit --quiet --rm "$container" localhost/ewarn-base > /dev/null
  rm -rf "$folder/base"
}

# One pip.conf of all that pip reads here: files and environment. A file of constraints is left
# out: the lock says everything.
lend_pip_configuration() {
  python3 -m pip config list | python3 -c '
import ast, sys
settings = dict(line.rstrip().split("=", 1) for line in sys.stdin if "=" in line)
wanted = {name.split(".", 1)[1]: ast.literal_eval(value) for name, value in settings.items()}
wanted.pop("constraint", None)
print("[global]", *(f"{name} = {value}" for name, value in wanted.items()), sep="\n")
' > "$folder/pip.conf"
  # Local paths in it must be there during the build; a simple index links to its parent folder.
  grep -oE '(file://)?/[^ ]+' "$folder/pip.conf" | grep -v '^//' | sed -E 's#^file://(.*)/[^/]+/?$#\1#' \
    | sort -u > "$folder/lent"
}

build() {
  local lent=() path
  while read -r path; do
    [ -e "$path" ] && lent+=(--volume "$path:$path:ro")
  done < "$folder/lent"
  "${buildah[@]}" build --format docker --layers=false --pull-never \
    --build-arg BASE=localhost/ewarn-base \
    --build-arg REVISION="$(git rev-parse HEAD 2>/dev/null || echo unknown)" \
    --secret id=pip.conf,src="$folder/pip.conf" "${lent[@]}" \
    --tag localhost/ewarn . > "$folder/build.log" 2>&1 || { tail -n 40 "$folder/build.log"; return 1; }
}

lay_out() {
  local container
  container=$("${buildah[@]}" from --pull-never localhost/ewarn)
  ln -s "$("${buildah[@]}" mount "$container")" "$folder/root"
  "${buildah[@]}" inspect --type image localhost/ewarn > "$folder/image.json"
  python3 - "$folder" <<'PYTHON'
import json, pathlib, sys
folder = pathlib.Path(sys.argv[1])
image = json.loads((folder / "image.json").read_text())["Docker"]["config"]
(folder / "environment").write_text("".join(f"{line}\n" for line in image["Env"]))
(folder / "user").write_text(image["User"] + "\n")
(folder / "start").write_text("".join(f"{word}\n" for word in image["Entrypoint"] + image["Cmd"]))
(folder / "healthcheck").write_text("".join(f"{word}\n" for word in image["Healthcheck"]["Test"][1:]))
PYTHON
  mkdir "$folder/data"
  chown "$(cat "$folder/user")" "$folder/data"
}

make_base
lend_pip_configuration
build
lay_out
