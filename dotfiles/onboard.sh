#!/bin/sh
# Sets up a new laptop: the team, the company's dotfiles repo, where one signs in, and who may change
# what arrives here. It can be run again at any time; it asks nothing and needs no right of root's.
#
#     sh onboard.sh TEAM
#
# What a company changes is in the next lines. Hand it out by a way that is not this repo (a web
# server of your own, device management), for it says whom a laptop is to believe.
set -eu

dotfiles=${ONBOARD_DOTFILES:-git@github.com:acme/dotfiles.git}
okta_domain=${ONBOARD_OKTA_DOMAIN:-acme.okta.com}
# Who signs the repo's commits: lines of an allowed-signers file (ssh-keygen(1)). Without any, commits
# are taken unsigned.
signers=${ONBOARD_SIGNERS:-}
# signers='jo@acme.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI…
# ann@acme.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI…'
how_to_install='cargo install --locked --git https://github.com/acme/robo'

say() { printf '%s\n' "$*" >&2; }
die() {
  say "onboard.sh: $1"
  shift
  for hint in "$@"; do say "  $hint"; done
  exit 1
}

case ${1:-} in
-h | --help)
  printf 'usage: sh onboard.sh [TEAM]\n\nSets up robo for TEAM, or for the team in SEGMENT_TEAM.\n'
  exit 0
  ;;
-*)
  say "onboard.sh: there is no flag '$1'"
  exit 2
  ;;
esac
if [ $# -gt 1 ]; then
  say "onboard.sh: one team, not $#"
  exit 2
fi
team=${1:-${SEGMENT_TEAM:-}}
case $team in
'')
  say 'onboard.sh: which team?'
  say '  sh onboard.sh TEAM'
  exit 2
  ;;
*[!A-Za-z0-9._-]* | [!A-Za-z0-9]*)
  say "onboard.sh: a team's name has letters, digits, '.', '_' and '-', and begins with one of the first two"
  exit 2
  ;;
esac
[ -n "${HOME:-}" ] || die 'HOME is not set'
shell=${SHELL:-sh}
shell=${shell##*/}

# --- what has to be there

command -v git >/dev/null 2>&1 || die 'there is no git here' \
  'macOS: xcode-select --install; Debian, Ubuntu: sudo apt-get install git'
version=$(git --version | sed 's/[^0-9]*\([0-9]*\.[0-9]*\).*/\1/')
major=${version%%.*} minor=${version#*.}
# Signatures by ssh keys are known since git 2.34.
wanted=31
[ -z "$signers" ] || wanted=34
if [ "$major" -lt 2 ] || { [ "$major" -eq 2 ] && [ "$minor" -lt "$wanted" ]; }; then
  die "git $version is too old: 2.$wanted or newer is wanted"
fi
command -v robo >/dev/null 2>&1 || die 'there is no robo here' "$how_to_install"

# --- the repo, the domain and the signers are pinned, and the team's config is merged

set -- --team "$team" --dotfiles "$dotfiles" --okta-domain "$okta_domain" --yes --no-input
if [ -n "$signers" ]; then
  given=$(mktemp)
  trap 'rm -f "$given"' EXIT
  trap 'exit 130' INT TERM HUP
  printf '%s\n' "$signers" >"$given"
  set -- "$@" --signers "$given"
fi
status=0
robo aws.config "$@" || status=$?
case $status in
0) ;;
4) die 'robo has a question (it is above) that a script must not answer for you' \
  "answer it, then run this again: robo aws.config --team $team --dotfiles '$dotfiles'" ;;
*) die "robo aws.config failed ($status); what to do is above" 'then run this again' ;;
esac

# --- the team, for every shell to come

# The last line of robo's own is exchanged; every other line stays.
remember_team() {
  file=$1 line=$2 mark='# robo: your team'
  mkdir -p "$(dirname "$file")"
  [ -e "$file" ] || : >"$file"
  if grep -qxF "$line $mark" "$file"; then return; fi
  if grep 'SEGMENT_TEAM' "$file" | grep -qvF "$mark"; then
    say "$file sets SEGMENT_TEAM already: see that it says '$team'"
    return
  fi
  new=$(mktemp)
  grep -vF "$mark" "$file" >"$new" || true
  if [ -s "$new" ] && [ -n "$(tail -c 1 "$new")" ]; then printf '\n' >>"$new"; fi
  printf '%s\n' "$line $mark" >>"$new"
  # Written through, so that a link stays a link and the file keeps its mode.
  cat "$new" >"$file"
  rm -f "$new"
  say "Wrote SEGMENT_TEAM=$team into $file."
}
case $shell in
fish) remember_team "${XDG_CONFIG_HOME:-$HOME/.config}/fish/conf.d/robo.fish" "set -gx SEGMENT_TEAM $team" ;;
zsh) remember_team "${ZDOTDIR:-$HOME}/.zshenv" "export SEGMENT_TEAM=$team" ;;
bash)
  remember_team "$HOME/.bashrc" "export SEGMENT_TEAM=$team"
  # A login shell, as macOS starts it, reads this one alone.
  [ ! -e "$HOME/.bash_profile" ] || remember_team "$HOME/.bash_profile" "export SEGMENT_TEAM=$team"
  ;;
*) remember_team "$HOME/.profile" "export SEGMENT_TEAM=$team" ;;
esac

# --- what only the person can do

say ''
say 'Left for you:'
say '  1. open a new terminal'
say "  2. robo aws.add          your Okta sign-in ($okta_domain), stored once and encrypted"
say '  3. robo aws.list         the profiles that you have now'
case $shell in
bash | zsh | fish) say "  4. robo --completions $shell   prints what completes names; it goes into your shell's profile" ;;
esac
say "If something does not work: robo aws.doctor"
