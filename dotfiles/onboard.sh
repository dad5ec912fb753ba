#!/bin/sh
# Sets up a new laptop: the team, the company's dotfiles repo, where one signs in, and who may change
# what arrives here. It can be run again at any time; it asks nothing and needs no right of root's.
#
#     sh onboard.sh TEAM
#
# What a company changes is in the next lines. Hand it out by a way that is not this repo (a web
# server of your own, device management), for it says whom a laptop is to believe.
set -eu
# Bytes that are no text in the person's own language are bytes all the same.
LC_ALL=C
export LC_ALL

dotfiles=${ONBOARD_DOTFILES:-git@github.com:acme/dotfiles.git}
okta_domain=${ONBOARD_OKTA_DOMAIN:-acme.okta.com}
# The variable that names a team: team_env in robo.toml.
variable=SEGMENT_TEAM
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
team=''
eval "team=\${1:-\${$variable:-}}"
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
# Without its command line tools, macOS has a git that only offers to install them.
version=$(git --version 2>/dev/null | sed 's/[^0-9]*\([0-9]*\.[0-9]*\).*/\1/')
case $version in
[0-9]*.[0-9]*) ;;
*) die 'git cannot be run here' 'macOS: xcode-select --install' ;;
esac
major=${version%%.*} minor=${version#*.}
# Signatures by ssh keys are known since git 2.34.
wanted=31
[ -z "$signers" ] || wanted=34
if [ "$major" -lt 2 ] || { [ "$major" -eq 2 ] && [ "$minor" -lt "$wanted" ]; }; then
  die "git $version is too old: 2.$wanted or newer is wanted"
fi
command -v robo >/dev/null 2>&1 || die 'there is no robo here' "$how_to_install"

# --- the repo, the domain and the signers are pinned, and the team's config is merged

given=''
trap '[ -z "$given" ] || rm -f "$given"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP
set -- --team "$team" --dotfiles "$dotfiles" --okta-domain "$okta_domain"
# Who is there may answer what a script must not: ONBOARD_ASK=1 sh onboard.sh TEAM
[ -n "${ONBOARD_ASK:-}" ] || set -- "$@" --yes --no-input
if [ -n "$signers" ]; then
  given=$(mktemp)
  printf '%s\n' "$signers" >"$given"
  set -- "$@" --signers "$given"
else
  say 'Commits are taken unsigned: this script names no signers.'
fi
ended=0
robo aws.config "$@" || ended=$?
case $ended in
0) ;;
4)
  say 'onboard.sh: robo has a question (it is above) that a script must not answer for you.'
  say "  If you know the answer: ONBOARD_ASK=1 sh $0 $team"
  exit 4
  ;;
130) exit 130 ;;
*)
  say "onboard.sh: robo aws.config failed ($ended); what to do is above, then run this again."
  exit "$ended"
  ;;
esac

# --- the team, for every shell to come

# What a file says, to look for something in it.
text() { tr -d '\000' <"$1"; }

# A line of ours is exchanged; every other byte stays.
remember_team() {
  file=$1 line=$2 mark='# robo: your team'
  if ! mkdir -p "$(dirname "$file")" || { [ -e "$file" ] && [ ! -f "$file" ]; } ||
    { [ -e "$file" ] && [ ! -w "$file" ]; }; then
    left="$left
  - $file cannot be written; it should hold: $line"
    return
  fi
  [ -e "$file" ] || : >"$file"
  if text "$file" | grep -qxF "$line $mark"; then return; fi
  if text "$file" | grep -F "$variable" | grep -vF "$mark" | grep -qv '^[[:space:]]*#'; then
    left="$left
  - $file sets $variable already: see that it says '$team'"
    return
  fi
  if text "$file" | grep -qF "$mark"; then
    cp -p "$file" "$file.before-robo"
    sed "/$mark\$/d" "$file.before-robo" >"$file"
  fi
  if [ -n "$(tail -c 1 "$file" | tr -d '\n' | od -An -c)" ]; then printf '\n' >>"$file"; fi
  printf '%s\n' "$line $mark" >>"$file"
  say "Wrote $variable=$team into $file."
}
left=''
case $shell in
fish) remember_team "${XDG_CONFIG_HOME:-$HOME/.config}/fish/conf.d/robo.fish" "set -gx $variable $team" ;;
zsh) remember_team "${ZDOTDIR:-$HOME}/.zshenv" "export $variable=$team" ;;
bash)
  remember_team "$HOME/.bashrc" "export $variable=$team"
  # A login shell, as macOS starts it, reads this one alone.
  [ ! -e "$HOME/.bash_profile" ] || remember_team "$HOME/.bash_profile" "export $variable=$team"
  ;;
*) remember_team "$HOME/.profile" "export $variable=$team" ;;
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
[ -z "$left" ] || say "And:$left"
say "If something does not work: robo aws.doctor"
