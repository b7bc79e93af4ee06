#!/usr/bin/env bash
# Installs flexura into a venv of its own and connects it to this user's agents. Needs bash, curl and
# Python 3.11 or newer (or uv), and no root.
#
#   curl -fsSL http://localhost:3000/api/install/flexura-skill | bash
#   curl -fsSL http://localhost:3000/api/install/flexura-skill | bash -s -- --target codex
#   installer/install.sh --help                                              from a checkout
#
# A download that was cut off runs nothing: here are only functions, and the last line calls one.
set -euo pipefail

# A gateway fills these in; while they are empty, the checkout that this file lies in is installed.
flexura_origin=''
flexura_version=''
flexura_wheel=''
flexura_sha256=''
flexura_target=''

# All words go to stderr: stdout belongs to what the installer prints, which may be one JSON object.
say() { printf '%s\n' "$*" >&2; }

fail() {
    say "flexura was not installed: $1"
    shift
    local line
    for line in "$@"; do say "  $line"; done
    exit 1
}

read_arguments() {
    wanted_sha256='' look_only='' asked_target='' passed=()
    while [ $# -gt 0 ]; do
        case $1 in
            --sha256)
                [ $# -gt 1 ] || fail "--sha256 needs a value." "Write the 64 digits after it."
                wanted_sha256=$2 && shift
                ;;
            --sha256=*) wanted_sha256=${1#*=} ;;
            *)
                passed+=("$1")
                case $1 in
                    --dry-run | --print | --status | --help | -h) look_only=yes ;;
                    --target | --target=*) asked_target=yes ;;
                esac
                ;;
        esac
        shift
    done
    if [ -n "$flexura_target" ] && [ -z "$asked_target" ]; then passed+=(--target "$flexura_target"); fi
}

check_machine() {
    case $(uname -s) in
        MINGW* | MSYS* | CYGWIN*) fail "this is Windows." "Run the same line in WSL." ;;
    esac
    [ -n "${HOME:-}" ] && [ -d "$HOME" ] || fail "HOME is not a directory." "Set HOME to yours."
    if [ "$(id -u)" = 0 ] && [ -n "${SUDO_USER:-}" ] && [ ! -O "$HOME" ]; then
        fail "root would own files in the home of $SUDO_USER." "Run the same line as $SUDO_USER, without sudo."
    fi
    # These would lead pip or Python away from our venv.
    unset PYTHONHOME PYTHONPATH PIP_TARGET PIP_PREFIX PIP_ROOT PIP_USER
}

settle_places() {
    local data=${XDG_DATA_HOME:-}
    case $data in /*) ;; *) data=$HOME/.local/share ;; esac
    ours=$data/flexura
    venvs=$ours/venv
    current=$venvs/current
    link=$HOME/.local/bin/flexura
    new='' made=() swapped=''
    scratch=$(mktemp -d "${TMPDIR:-/tmp}/flexura-install.XXXXXX")
    trap tidy EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
}

# Whatever ends the script: nothing half-made stays.
tidy() {
    rm -rf "$scratch"
    if [ -n "$swapped" ]; then return; fi
    if [ -n "$new" ]; then rm -rf "$new" "$venvs/.current-$$"; fi
    if [ ! -L "$current" ]; then rm -rf "$venvs/python"; fi
    local i
    for ((i = ${#made[@]} - 1; i >= 0; i--)); do rmdir "${made[i]}" 2>/dev/null || true; done
}

is_loopback() {
    local loopback='^https?://(localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]+)?(/.*)?$'
    [[ $flexura_origin =~ $loopback ]]
}

sha256_of() {
    if command -v sha256sum >/dev/null; then
        sha256sum <"$1" | cut -d ' ' -f 1
    elif command -v shasum >/dev/null; then
        shasum -a 256 <"$1" | cut -d ' ' -f 1
    elif command -v openssl >/dev/null; then
        openssl dgst -sha256 -r <"$1" | cut -d ' ' -f 1
    else
        fail "nothing here can compute a SHA-256." "Install coreutils (sha256sum) or perl (shasum)."
    fi
}

fetch_wheel() {
    local how
    if is_loopback; then
        how=(--proto '=http,https' --noproxy '*')
    else
        case $flexura_origin in
            https://*) how=(--proto '=https') ;;
            *)
                fail "$flexura_origin is neither https nor this machine, so anybody on the way could change what is installed." \
                    "Whoever runs that gateway puts it behind https and sets FLEXURA_PUBLIC_URL to that address."
                ;;
        esac
    fi
    say "flexura $flexura_version from $flexura_origin"
    say "SHA-256 $flexura_sha256"
    check_wanted "$flexura_sha256"
    command -v curl >/dev/null || fail "curl is not on PATH." "Install curl and run the same line again."
    what=$scratch/$flexura_wheel
    curl -fsS "${how[@]}" --connect-timeout 15 --max-time 300 --max-filesize 100000000 \
        -o "$what" "$flexura_origin/api/install/$flexura_wheel" </dev/null ||
        fail "the wheel could not be downloaded from $flexura_origin." \
            "Look whether that gateway runs and can be reached from here; if its address is another one," \
            "whoever runs it sets FLEXURA_PUBLIC_URL."
    local found
    found=$(sha256_of "$what")
    [ "$found" = "$flexura_sha256" ] || fail "the download has another SHA-256: $found." \
        "Run the same line again: the gateway may have been updated in between. If it stays so, somebody changed it."
}

check_wanted() {
    [ -n "$wanted_sha256" ] || return 0
    local given
    given=$(printf '%s' "$wanted_sha256" | tr 'A-F' 'a-f')
    [ "$given" = "$1" ] || fail "--sha256 asks for $given." \
        "This gateway serves another version than you expect: compare with what its operator told you."
}

find_checkout() {
    local here=${BASH_SOURCE[0]:-}
    if [ ! -f "$here" ] || ! what=$(cd "$(dirname "$here")/.." && pwd) || [ ! -f "$what/pyproject.toml" ]; then
        fail "this copy of the script says neither gateway nor checkout." \
            "Take it from a running gateway: curl -fsSL http://localhost:3000/api/install/flexura-skill | bash" \
            "or run installer/install.sh inside a checkout of flexura."
    fi
    [ -z "$wanted_sha256" ] || fail "a checkout has no SHA-256 to compare." "Leave --sha256 out."
    flexura_version=checkout
    say "flexura from the checkout $what"
}

# The first Python that is new enough and can import the modules of $1, into $python; else $python is empty
# and $almost says what was found.
find_python() {
    local name path modules=$1
    python='' almost=''
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        path=$(command -v "$name") || continue
        # Where Apple's developer tools are missing, this one (3.9) opens a window that offers them.
        if [ "$path" = /usr/bin/python3 ] && [ "$(uname -s)" = Darwin ]; then continue; fi
        if ! "$path" -I -c 'import sys; sys.exit(sys.version_info < (3, 11))' </dev/null >/dev/null 2>&1; then
            almost=${almost:-"$path is older than 3.11, or does not start."}
        elif ! "$path" -I -c "import $modules" </dev/null >/dev/null 2>&1; then
            almost="$path cannot make a venv: its venv or ensurepip module is missing."
        else
            python=$path
            return
        fi
    done
}

need_python() {
    find_python "$1"
    uv=''
    if [ -n "$python" ] || uv=$(command -v uv); then return; fi
    fail "it needs Python 3.11 or newer with venv, or uv, and neither is on PATH. $almost" \
        "Debian, Ubuntu   as root: apt install python3 python3-venv" \
        "Fedora           as root: dnf install python3" \
        "macOS            brew install python, or the installer from https://www.python.org/downloads/macos/" \
        "anywhere         uv, which needs no root: https://docs.astral.sh/uv/getting-started/installation/" \
        "Then run the same line again."
}

make_directory() {
    if [ -d "$1" ]; then return; fi
    make_directory "$(dirname "$1")" 755
    mkdir -m "$2" "$1"
    made+=("$1")
    say "  made    $1"
}

# Each installation is a directory of its own below $venvs, and `current` leads to the one in use, so that
# one which fails changes nothing, and windows that are open go on with the files that they started with.
install_flexura() {
    local id=$flexura_version${flexura_sha256:+-${flexura_sha256:0:8}} before=''
    if [ -L "$current" ]; then before=$(readlink "$current"); fi
    # A checkout can change without its version.
    if [ -n "$flexura_sha256" ] && [[ $before == "$id"-* ]] && "$current/bin/flexura" --version >/dev/null 2>&1; then
        say "  kept    $venvs/$before (the same version and SHA-256)"
        swapped=yes
        return
    fi
    need_python 'ensurepip, venv'
    make_directory "$ours" 700
    make_directory "$venvs" 755
    new=$venvs/$id-$$
    say "  making  $new (half a minute)"
    if [ -n "$python" ]; then fill_with_pip; else fill_with_uv; fi
    "$new/bin/flexura" --version >/dev/null || fail "what was installed does not start." "See the lines above."
    ln -s "$(basename "$new")" "$venvs/.current-$$"
    "$new/bin/python" -I -c 'import os, sys; os.replace(sys.argv[1], sys.argv[2])' "$venvs/.current-$$" "$current"
    swapped=yes
    say "  linked  $current -> $(basename "$new")"
    forget_old "$before"
}

# No cache: it would leave files in the home that an uninstall does not know of.
fill_with_pip() {
    "$python" -I -m venv "$new" </dev/null >&2 || fail "$python cannot make a venv." "See the lines above."
    "$new/bin/python" -I -m pip install --no-input --disable-pip-version-check --no-cache-dir --no-compile \
        --quiet "$what" </dev/null >&2 || fail_index pip
    # On all processors at once, which pip does not. Templates inside packages need not compile.
    "$new/bin/python" -I -m compileall -q -j 0 "$new/lib" </dev/null >/dev/null 2>&1 || true
}

fill_with_uv() {
    local quiet=(--cache-dir "$scratch/uv" --quiet --no-progress)
    # A Python that uv has to download belongs to this installation too.
    if ! "$uv" python find "${quiet[@]}" --no-project '>=3.11' </dev/null >/dev/null 2>&1; then
        export UV_PYTHON_INSTALL_DIR=$venvs/python
    fi
    "$uv" venv "${quiet[@]}" --no-project --python '>=3.11' "$new" </dev/null >&2 ||
        fail "uv cannot make a venv." "See the lines above."
    "$uv" pip install "${quiet[@]}" --python "$new/bin/python" --compile-bytecode "$what" </dev/null >&2 ||
        fail_index uv
}

fail_index() {
    fail "$1 could not install flexura and the packages that it needs." \
        "See the lines above. Most often the package index cannot be reached: look at network, proxy and $1's" \
        "configuration, then run the same line again. What was there before still works."
}

# The one before stays for windows that are open; others go, unless an installer is at work in them.
forget_old() {
    local found name
    for found in "$venvs"/*-*; do
        name=$(basename "$found")
        if [ "$name" = "$1" ] || [ "$found" = "$new" ] || kill -0 "${name##*-}" 2>/dev/null; then continue; fi
        rm -rf "$found"
        say "  removed $found"
    done
}

link_launcher() {
    launcher=$link made_launcher=(--made-launcher "$link")
    local target=$current/bin/flexura
    if [ -L "$link" ] && [[ $(readlink "$link") == "$venvs"/* ]]; then
        if [ "$(readlink "$link")" = "$target" ]; then return; fi
        rm "$link"
    elif [ -e "$link" ] || [ -L "$link" ]; then
        launcher=$target made_launcher=()
        say "  kept    $link, which is not ours: agents will start $launcher instead."
        say "          To have this flexura there, move that file away and run the same line again."
        return
    fi
    make_directory "$(dirname "$link")" 755
    ln -s "$target" "$link"
    say "  linked  $link -> $target"
}

tell_path() {
    case :${PATH:-}: in
        *:"$(dirname "$launcher")":*) ;;
        *)
            say "  $(dirname "$launcher") is not on PATH. Agents do not need it; to type flexura yourself,"
            say "  add this line to the file that your shell reads at its start (~/.bashrc, ~/.zshrc):"
            say "    export PATH=\"$(dirname "$launcher"):\$PATH\""
            ;;
    esac
}

elsewhere() {
    gateway=()
    if [ -n "$flexura_origin" ] && ! is_loopback; then gateway=(--gateway-url "$flexura_origin"); fi
}

# Only look: the installer runs from the unpacked wheel, or the checkout, and nothing is written.
look() {
    local source=$what/installer run='import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); runpy.run_module("flexura_installer", run_name="__main__", alter_sys=True)'
    need_python zipfile
    local command=("$python")
    if [ -z "$python" ]; then
        command=("$uv" run --cache-dir "$scratch/uv" --quiet --no-project --python '>=3.11' python)
        export UV_PYTHON_INSTALL_DIR=${UV_PYTHON_INSTALL_DIR:-$scratch/python}
    fi
    if [ -n "$flexura_origin" ]; then
        source=$scratch/unpacked
        "${command[@]}" -I -m zipfile -e "$what" "$source" </dev/null
    fi
    "${command[@]}" -I -B -c "$run" "$source" install --launcher "$link" \
        ${gateway[@]+"${gateway[@]}"} ${passed[@]+"${passed[@]}"}
}

hand_over() {
    tidy
    trap - EXIT INT TERM HUP
    local directory directories=()
    for directory in ${made[@]+"${made[@]}"}; do directories+=(--made-directory "$directory"); done
    exec "$current/bin/python" -I -m flexura_installer install --launcher "$launcher" \
        ${made_launcher[@]+"${made_launcher[@]}"} --made-venv "$venvs" \
        ${directories[@]+"${directories[@]}"} ${gateway[@]+"${gateway[@]}"} ${passed[@]+"${passed[@]}"}
}

main() {
    read_arguments "$@"
    check_machine
    settle_places
    elsewhere
    if [ -n "$flexura_origin" ]; then fetch_wheel; else find_checkout; fi
    if [ -n "$look_only" ]; then
        look
        return
    fi
    install_flexura
    link_launcher
    tell_path
    hand_over
}

{ main "$@"; }
