# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# Set-up for the scripts of this folder's parent, which read it with `.`; their
# variable here is the folder of scripts/. Every function prints to its standard
# output what it does; a failure ends the script.

: "${here:?is the folder of the scripts}"
EXIT_FAILED=3
EXIT_UNAVAILABLE=77
# Older lists of packages may name files that the mirrors no longer have.
LISTS_DAYS=1

say() {
  printf '%s: %s\n' "$program" "$*"
}

# fail STATUS MESSAGE...
fail() {
  status=$1
  shift
  say "$@" >&2
  exit "$status"
}

# set_up PROGRAM BUILD 'GROUP...' 'MESON-OPTION...' 'TARGET...'
# Installs the groups' packages, and configures and builds the folder BUILD of
# the project, in turn with other calls for the same folder.
set_up() {
  set_up_packages "$1" "$2" "$3"
  if ! [ -e "$folder/build.ninja" ] || ! made_for_here; then
    configure "$4"
  fi
  compile "$4" "$5"
  return_to_owner
}

# set_up_packages PROGRAM BUILD 'GROUP...': the packages alone.
set_up_packages() {
  program=$1
  root=$(CDPATH='' cd -- "$here/.." && pwd -P)
  folder_name=$2
  folder=$root/$2
  take_build_folder
  need "$3"
  case " $3 " in *' build '*) want systemd ;; esac
}

take_build_folder() {
  mkdir -p -- "$folder" 2>/dev/null ||
    fail "$EXIT_FAILED" "cannot make $folder: is $root yours to write? Clone" \
      "the project to a folder of your own, or ask its owner to build it."
  foreign=$(find "$folder" ! -type l ! -writable -print -quit 2>/dev/null || :)
  [ -z "$foreign" ] ||
    fail "$EXIT_FAILED" "cannot write $foreign, which belongs to" \
      "$(stat -c %U -- "$foreign"). Remove the folder and call again:" \
      "sudo rm -r '$folder'"
  if command -v flock >/dev/null; then
    exec 9>"$folder/.setup.lock"
    flock -n 9 || {
      say "waiting for another call that sets up $folder_name/"
      flock 9
    }
  fi
  log=$folder/setup.log
}

# want 'GROUP...': installs what is missing of the groups where that takes no
# question; what is not to be had is done without.
want() {
  has_apt || return 0
  [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null || return 0
  (need "$1") || say "going on without the packages of: $1"
}

# Lets other calls have the folder.
let_go() {
  exec 9>&-
}

# need 'GROUP...': installs what is missing of the groups in packages.txt.
need() {
  packages=
  missing_text=
  for group in $1; do
    while read -r of package probe what; do
      [ "$of" = "$group" ] || continue
      is_there "$package" "$probe" || miss "$package" "$what"
    done <"$here/setup.d/packages.txt"
  done
  install_packages
}

# need_packages PACKAGE...: the same for packages of a script that tells itself
# what it lacks on other distributions.
need_packages() {
  command -v dpkg-query >/dev/null || return 0
  packages=
  missing_text=
  for package in "$@"; do
    is_there "$package" package || miss "$package" "$package"
  done
  install_packages
}

miss() {
  packages="$packages $1"
  missing_text="$missing_text
  $(printf '%-30s %s' "$1" "$2")"
}

# is_there PACKAGE PROBE
is_there() {
  name=${2#*:}
  case $2 in
    command:*) command -v "$name" >/dev/null && return ;;
    *) ! command -v dpkg-query >/dev/null || {
      dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null |
        grep -qx installed
      return
    } ;;
  esac
  case $2 in
    file:*) [ -e "$name" ] ;;
    module:*) pkg-config --exists "$name" 2>/dev/null ;;
    header:*) [ -e "/usr/include/$name" ] || [ -e "/usr/local/include/$name" ] ;;
    *) return 1 ;;
  esac
}

has_apt() {
  command -v apt-get >/dev/null &&
    grep -Eq '^ID(_LIKE)?=.*(debian|ubuntu)' /etc/os-release 2>/dev/null
}

install_packages() {
  [ -n "$packages" ] || return 0
  become_root
  : >"$log"
  [ -n "$(fresh_lists)" ] || update_lists
  say "installing$packages"
  # shellcheck disable=SC2086 # a list of words
  apt_get install --no-install-recommends $packages || {
    update_lists
    # shellcheck disable=SC2086
    apt_get install --no-install-recommends $packages
  } || fail_with_log "apt-get cannot install$packages"
}

# Sets the prefix of commands that only root may run.
become_root() {
  as_root=
  if ! has_apt; then
    cannot_install "only on Debian and Ubuntu are packages installed for you"
  elif [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null ||
      cannot_install "you are not root, and there is no sudo"
    as_root=sudo
    # Without a terminal there is nobody to ask for a password.
    (: </dev/tty) 2>/dev/null || as_root='sudo -n'
    $as_root true || cannot_install "sudo does not let you become root"
  fi
}

# cannot_install REASON
cannot_install() {
  {
    say "some things are missing, and $1. Please install:"
    printf '%s\n' "${missing_text#?}"
    ! has_apt || printf 'As root: apt-get install --no-install-recommends%s\n' \
      "$packages"
  } >&2
  exit "$EXIT_UNAVAILABLE"
}

fresh_lists() {
  find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' 2>/dev/null |
    grep -q . || return 0
  find /var/lib/apt/lists -maxdepth 0 -mtime "-$LISTS_DAYS" 2>/dev/null
}

update_lists() {
  say "asking for the lists of packages"
  apt_get update || fail_with_log "apt-get cannot fetch the lists of packages"
}

# The lock's descriptor is closed, so that no service that a package starts
# keeps it.
apt_get() {
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
    -o DPkg::Lock::Timeout=300 "$@" >>"$log" 2>&1 </dev/null 9>&-
}

fail_with_log() {
  say "$1. The end of $log:" >&2
  tail -n 30 -- "$log" >&2
  exit "$EXIT_FAILED"
}

# Whether the build folder was configured for the place where it lies now.
made_for_here() {
  grep -qF "\"source\": \"$root\"" "$folder/meson-info/meson-info.json" \
    2>/dev/null
}

# configure 'MESON-OPTION...'
# A set-up that was interrupted left files that the next one would trip over.
configure() {
  say "configuring $folder_name/"
  rm -rf -- "$folder/meson-private" "$folder/meson-info" "$folder/build.ninja"
  # shellcheck disable=SC2086 # a list of words
  meson setup $1 "$folder" "$root" >"$log" 2>&1 </dev/null ||
    fail_with_log "meson cannot configure $folder_name/"
}

# compile 'MESON-OPTION...' 'TARGET...'
compile() {
  [ -t 1 ] || say "building $folder_name/"
  run_ninja "$2" && return
  # meson may be another one now, or a library gone: start anew, once.
  ! grep -q "rebuilding 'build.ninja'" "$log" || {
    configure "$1"
    run_ninja "$2" && return
  }
  fail_with_log "the build failed"
}

run_ninja() {
  rm -f -- "$folder/.built"
  # shellcheck disable=SC2086 # a list of words
  { ninja -C "$folder" $1 2>&1 </dev/null && : >"$folder/.built"; } |
    tee -- "$log" | show_progress
  [ -e "$folder/.built" ]
}

# Counts ninja's steps in place on a terminal.
show_progress() {
  [ -t 1 ] || exec cat >/dev/null
  while read -r step _; do
    case $step in
      \[*/*\]) printf '\r%s: building %s/ %s' "$program" "$folder_name" "$step" ;;
    esac
  done
  echo
}

# What root builds in somebody's folder is theirs.
return_to_owner() {
  [ "$(id -u)" != 0 ] || [ "$(stat -c %u -- "$root")" = 0 ] ||
    chown -R --reference="$root" -- "$folder" 2>/dev/null || :
}
