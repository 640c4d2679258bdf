#!/bin/sh
# The one command of a key in authorized_keys: runs one of the verbs it is given here, nothing else.
#
#   restrict,pty,command="/usr/local/bin/hfl-door tui status pause kill" ssh-ed25519 AAAA... laptop
#   restrict,command="/usr/local/bin/hfl-door pause" ssh-ed25519 AAAA... phone
#
# `ssh host` alone runs the first verb, `ssh host hfl pause` that one. What the caller typed is compared with
# the list and never run; options are not taken.
set -eu
asked="${SSH_ORIGINAL_COMMAND:-hfl ${1:-tui}}"
from="${SSH_CLIENT:-nowhere}"
for verb in "$@"; do
    [ "$asked" = "hfl $verb" ] || continue
    case "$verb" in
        pause | kill | close-all) exec hfl "$verb" --reason "over ssh from ${from%% *}" ;;
        *) exec hfl "$verb" ;;
    esac
done
echo "hfl: expected one of: $* (as \`ssh host hfl ${1:-tui}\`), found another command: this key allows no more" >&2
exit 2
