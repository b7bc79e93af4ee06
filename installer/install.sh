#!/usr/bin/env bash
# Served at GET /api/install/flexura-skill. Writes nothing and needs no sudo: it looks and says what to do.
set -euo pipefail

say() { printf '%s\n' "$*"; }

report_found() {
    local what=$1 command=$2
    if command -v "$command" >/dev/null 2>&1; then
        say "  found    $what: $(command -v "$command")"
    else
        say "  missing  $what"
    fi
}

report_python() {
    if python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        say "  found    Python 3.11 or newer: $(command -v python3)"
    else
        say "  missing  Python 3.11 or newer"
    fi
}

entry_to_paste() {
    cat <<'ENTRY'
  {
    "mcpServers": {
      "flexura": {
        "command": "flexura",
        "args": ["mcp"]
      }
    }
  }
ENTRY
}

main() {
    local target=
    while [ $# -gt 0 ]; do
        case $1 in
            --target) target=${2:-} && shift $(($# > 1 ? 2 : 1)) ;;
            --target=*) target=${1#*=} && shift ;;
            *) shift ;;
        esac
    done

    say "flexura: the installer is not part of this release. Nothing was changed on this machine."
    say ""
    say "What it would need:"
    report_python
    report_found "the flexura command" flexura
    say ""
    say "To connect ${target:-an agent} by hand:"
    say "  1. Install the package from a checkout of flexura: python3 -m pip install <the checkout>"
    say "  2. Put this entry into the agent's MCP configuration:"
    say ""
    entry_to_paste
    say ""
    say "  3. Restart the agent. No provider key is needed; flexura starts its own gateway."
    exit 1
}

main "$@"
