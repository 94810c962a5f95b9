#!/usr/bin/env bash
# Builds the image and proves that it does what compose.yaml relies on, on a Debian machine without
# a container engine. Needs root (or sudo); installs buildah and debootstrap if they are absent.
set -euo pipefail
cd "$(dirname "$0")/../.."
if [ "$(id -u)" -ne 0 ]; then exec sudo --preserve-env "$0" "$@"; fi

here=tests/image
folder=$(mktemp -d /tmp/ewarn-image-XXXXXX)
chmod 755 "$folder"
server=
postgresql=
key=

say() { printf 'image-test: %s\n' "$*" >&2; }
fail() { say "FAILED: $*"; exit 1; }
container() { bash "$here/container.sh" "$folder" "$@"; }
free_port() { python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

clean_up() {
  [ -z "$server" ] || kill -KILL "$server" 2>/dev/null || true
  [ -z "$postgresql" ] || stop_postgresql
  rm -rf "$folder"
}
trap clean_up EXIT

install_tools() {
  local missing=()
  for tool in buildah debootstrap curl python3; do
    command -v "$tool" > /dev/null || missing+=("$tool")
  done
  python3 -m pip --version > /dev/null 2>&1 || missing+=(python3-pip)
  [ ${#missing[@]} -eq 0 ] && return
  apt-get update --quiet=2
  DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet=2 --no-install-recommends \
    "${missing[@]}" > "$folder/apt.log" || fail "apt-get install ${missing[*]}"
}

# Bytes on disk, so that a registry and a bad line need not carry what nobody reads.
check_size() {
  local size
  size=$(du --summarize --block-size=MB "$folder/root/" | cut -f1)
  [ "${size%MB}" -lt 650 ] || fail "the image has $size of files; 650MB are the most"
}

check_files() {
  local found line
  found=$(cd "$folder/root" && find . -xdev \( -name 'pip.conf' -o -name '.env' -o -name '.netrc' \
    -o -name '.git' -o -name '.pypirc' -o -name 'id_rsa*' \))
  [ -z "$found" ] || fail "the image holds $found"
  # Every place pip was told of here: addresses and folders. The path of the system's own
  # certificates is everywhere and tells nothing.
  grep -v '^cert' "$folder/pip.conf" | grep -oE '[a-z+]*:?/[^ ]+' | sort -u > "$folder/private" || true
  while read -r line; do
    found=$(grep -rlF -- "$line" "$folder/root/opt" "$folder/root/etc" "$folder/root/data" "$folder/image.json" || true)
    [ -z "$found" ] || fail "${found//$'\n'/, } names a place that pip was told of on this machine"
    [ ! -e "$folder/root/$line" ] || fail "the image holds the folder $line of this machine"
  done < "$folder/private"
  grep -qE '"PIP_|_proxy' "$folder/environment" && fail "the image's environment configures pip"
  say "no secret, no pip configuration and no place of this machine in its files"
}

check_confinement() {
  container -- sh -c '
    test "$(id -u)" = 10001 || { echo "it runs as $(id -u)"; exit 1; }
    for place in / /etc /opt/ewarn /opt/ewarn/bin /usr /var/tmp /run /root; do
      if touch "$place/written" 2>/dev/null; then echo "it can write to $place"; exit 1; fi
    done
    touch /data/written /tmp/written && rm /data/written
    grep -q "^CapEff:.0000000000000000$" /proc/self/status || { echo "it has capabilities"; exit 1; }
  ' || fail "confinement"
  # Permissions alone must keep it out too, should somebody forget the read-only root.
  found=$(find "$folder/root/opt" "$folder/root/etc" "$folder/root/usr" -xdev \
    \( -user 10001 -o -perm -o+w ! -type l \) -print -quit)
  [ -z "$found" ] || fail "$found belongs to the service's user or to everybody"
  say "its user is 10001, writes to /data and /tmp only, and has no capabilities"
}

# start NAME=VALUE...: the image's own command, until it is ready.
start() {
  mapfile -t words < "$folder/start"
  bash "$here/container.sh" "$folder" "$@" -- "${words[@]}" > "$folder/serve.log" 2>&1 &
  server=$!
  for _ in $(seq 100); do
    curl --silent --fail --output /dev/null "$address/healthz" && return
    kill -0 "$server" 2>/dev/null || break
    sleep 0.3
  done
  cat "$folder/serve.log" >&2
  fail "it did not start to serve"
}

check_server() {
  local inside
  inside=$(pgrep --parent "$server")
  grep -q '^Uid:.10001.10001' "/proc/$inside/status" || fail "the server does not run as 10001"
  curl --silent --fail "$address/readyz" > /dev/null || fail "/readyz"
  curl --silent --show-error --fail --header "Authorization: Bearer $key" "$address/v1/regions?country=TGO" \
    | grep -q '"TG-M"' || fail "/v1/regions with a key"
  [ "$(curl --silent --output /dev/null --write-out '%{http_code}' "$address/v1/regions")" = 401 ] \
    || fail "/v1/regions without a key"
  mapfile -t check < "$folder/healthcheck"
  container "EWARN_PORT=$port" -- "${check[@]}" || fail "the HEALTHCHECK of a healthy server"
  if container "EWARN_PORT=1" -- "${check[@]}" 2>/dev/null; then fail "the HEALTHCHECK of none"; fi
  kill -TERM "$inside"
  timeout 15 tail --pid="$server" -f /dev/null || fail "it does not end when asked to"
  server=
}

on_sqlite() {
  cat > "$folder/data/invented.csv" <<'CSV'
source,source_event_id,kind,occurred_on,country,admin1
invented,1,protest,2024-03-04,TGO,Maritime
invented,2,force,2024-03-05,TGO,Maritime
CSV
  container -- ewarn migrate > /dev/null || fail "migrate"
  container -- ewarn import /data/invented.csv --json | grep -q '"accepted":2' || fail "import"
  key=$(container -- ewarn keys create tester --json 2>/dev/null | grep -oE '"key":"[^"]+' | cut -d'"' -f4)
  port=$(free_port) address=http://127.0.0.1:$port
  start "EWARN_PORT=$port" EWARN_HOST=127.0.0.1
  check_server
  say "on SQLite: migrate, import, key, serve, /healthz, /readyz, /v1/regions, HEALTHCHECK, stop"
}

as_postgres() { (cd / && runuser -u nobody -- "$@" > "$folder/postgresql.log" 2>&1); }
stop_postgresql() { as_postgres "$postgresql/pg_ctl" -D "$folder/postgresql/data" -m immediate stop || true; postgresql=; }

on_postgresql() {
  local binaries cluster=$folder/postgresql url
  binaries=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1)
  [ -n "$binaries" ] || { say "PostgreSQL's binaries are absent: not tried"; return; }
  mkdir "$cluster" && head -c 18 /dev/urandom | base64 > "$cluster/password"
  chown -R nobody "$cluster"
  as_postgres "$binaries/initdb" -D "$cluster/data" -U ewarn -A scram-sha-256 -E UTF8 \
    --locale=C --no-sync --pwfile "$cluster/password" || fail "initdb"
  port=$(free_port)
  as_postgres "$binaries/pg_ctl" -D "$cluster/data" -w -o \
    "-c listen_addresses=127.0.0.1 -p $port -k $cluster -c fsync=off" start || fail "pg_ctl"
  postgresql=$binaries
  local database=("EWARN_DATABASE_URL=postgresql://ewarn@127.0.0.1:$port/postgres" "PGPASSWORD=$(cat "$cluster/password")")
  if container "${database[@]}" -- ewarn sources > /dev/null 2>&1; then fail "it used an empty database"; fi
  container "${database[@]}" -- ewarn migrate > /dev/null || fail "migrate on PostgreSQL"
  key=$(container "${database[@]}" -- ewarn keys create tester --json 2>/dev/null | grep -oE '"key":"[^"]+' | cut -d'"' -f4)
  port=$(free_port) address=http://127.0.0.1:$port
  start "${database[@]}" "EWARN_PORT=$port" EWARN_HOST=127.0.0.1
  check_server
  stop_postgresql
  say "on PostgreSQL: migrate, key, serve and the same checks"
}

install_tools
say "building"
bash "$here/build.sh" "$folder"
say "built in $SECONDS s; $(du --summarize --block-size=MB "$folder/root/" | cut -f1) of files, $(du --summarize --block-size=MB "$folder/root/opt/ewarn" | cut -f1) of them the service"
check_size
check_files
check_confinement
on_sqlite
on_postgresql
say "passed in $SECONDS s"
