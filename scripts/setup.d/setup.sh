# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# Set-up for the scripts of this folder's parent, which read it with `.`; their
# variable here is the folder of scripts/. Every function prints to its standard
# output its progress; a failure ends the script.

: "${here:?is the folder of the scripts}"
# shellcheck source=scripts/setup.d/trust.sh
. "$here/setup.d/trust.sh"
EXIT_FAILED=3
EXIT_UNAVAILABLE=77
# Older lists of packages may name files that the mirrors no longer have.
LISTS_DAYS=1
newer=
# Files made here are never writable by others.
umask go-w
trap 'interrupted 129 SIGHUP' HUP
trap 'interrupted 130 SIGINT' INT
trap 'interrupted 143 SIGTERM' TERM

# interrupted STATUS SIGNAL
interrupted() {
  trap '' HUP INT TERM
  fail "$1" "interrupted by $2"
}

# A set-up goes on if its progress cannot be shown.
say() {
  printf '%s: %s\n' "${program:-${0##*/}}" "$*" 2>/dev/null || :
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
  in_project "$2"
  # Also when it fails, or is interrupted.
  trap return_to_owner EXIT
  set_up_packages "$1" "$2" "$3"
  # While this call waited for its turn, another one may have done the work.
  if ! is_configured "$4" || ! has_no_work "$5"; then
    begin=$(date +%s)
    is_configured "$4" || configure "$4"
    compile "$4" "$5"
    say "$folder_name/ is ready after $(($(date +%s) - begin)) s"
  fi
  return_to_owner
  trap - EXIT
}

# set_up_packages PROGRAM BUILD 'GROUP...': only the packages.
set_up_packages() {
  in_project "$2"
  program=$1
  check_folder
  if [ -O "$root" ]; then
    advice="If another user made it for you, make it yours: sudo chown -R \
$(id -u) $(quoted "$root")/$folder_name"
  else
    advice="Clone the project into a folder of your own, or ask the owner of \
this one to build it."
  fi
  take_folder "$1" "$folder" "$advice"
  need "$3"
  case " $3 " in *' build '*) want systemd ;; esac
}

# in_project BUILD: names the project and a build folder of it.
in_project() {
  root=$(CDPATH='' cd -- "$here/.." && pwd -P)
  folder_name=$1
  folder=$root/$1
}

# check_folder: refuses a build folder, and a folder for temporary files, where
# others could have written what is run.
check_folder() {
  distrust=$(distrust_of_folder "$folder")
  [ -z "$distrust" ] || fail "$EXIT_FAILED" "cannot trust what is in" \
    "$folder_name/: $distrust. Move it away, and it is built" \
    "anew: cd $(quoted "$root") && mv -T $folder_name $folder_name.untrusted" \
    "(or clone the project into a folder of your own)"
  [ -z "${TMPDIR:-}" ] || {
    file=$(readlink -f -- "$TMPDIR") || file=$TMPDIR
    distrust=$(distrust_of_place "$file")
    [ -z "$distrust" ] || fail "$EXIT_FAILED" "cannot trust the folder for" \
      "temporary files, TMPDIR: $distrust; unset TMPDIR"
  }
}

# is_usable BUILD: whether its programs can be started as they are: nothing can
# be built there, and they were built from the sources as they are now.
is_usable() {
  in_project "$1"
  ! ninja --version >/dev/null 2>&1 || [ -n "$(foreign_file "$folder")" ] ||
    return 1
  [ -x "$folder/lab/cglab" ] && [ -x "$folder/malloc_demo/malloc_demo" ] ||
    return 1
  for entry in "$root"/*; do
    case ${entry##*/} in build* | tests | scripts | LICENSE) continue ;; esac
    newer=$(find "$entry" -type f ! -name '*.md' -newer "$folder/.built" \
      -print -quit 2>/dev/null || echo "$folder")
    [ -z "$newer" ] || return 1
  done
}

# foreign_file FOLDER: what in it may not be written, if anything.
foreign_file() {
  find "$1" ! -type l ! -writable -print -quit 2>/dev/null || :
}

# take_folder PROGRAM FOLDER ADVICE: the folder holds the lock and the log of a
# set-up for PROGRAM.
take_folder() {
  program=$1
  advice=$3
  reason=$(LC_ALL=C mkdir -p -- "$2" 2>&1) || {
    explain_reason
    fail "$EXIT_FAILED" "cannot make the folder $2$reason. $advice"
  }
  foreign=$(foreign_file "$2")
  [ -z "$foreign" ] || {
    # Not every reason is its owner.
    reason=$(LC_ALL=C touch -c -- "$foreign" 2>&1) || explain_reason
    fail "$EXIT_FAILED" "cannot write $foreign, which belongs to $(stat -c %U \
      -- "$foreign")$reason${newer:+, and $newer has changed}. $advice"
  }
  if command -v flock >/dev/null; then
    exec 9>"$2/.setup.lock"
    flock -n 9 || {
      say "waiting for another call that sets up $2"
      flock 9
    }
  fi
  log=$2/setup.log
}

# explain_reason: shortens reason, what a program has said, to what the kernel
# said; where the owner is not the cause, the advice is another one, too.
explain_reason() {
  case $reason in
    *': Permission denied') reason= ;;
    *)
      reason=" (${reason##*: })"
      advice="Free some space there, or choose a place that can be written."
      ;;
  esac
}

# want 'GROUP...': installs the missing packages of the groups if that needs no
# password. Packages that this distribution lacks are left out.
want() {
  find_missing "$1"
  [ -n "$packages" ] && has_apt || return 0
  [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null || return 0
  (
    become_root
    [ -n "$(fresh_lists)" ] || update_lists
    keep_known
    install_packages
  ) || say "continuing without$packages"
}

# keep_known: of packages, those that apt can install.
keep_known() {
  wanted=$packages
  packages=
  for package in $wanted; do
    if [ -n "$(apt-cache madison "$package" 2>/dev/null)" ]; then
      packages="$packages $package"
    else
      say "continuing without $package, which this distribution does not have"
    fi
  done
}

# Lets other calls have the folder.
let_go() {
  exec 9>&-
}

# need 'GROUP...': installs the missing packages of the groups in packages.txt.
need() {
  find_missing "$1"
  install_packages
}

# find_missing 'GROUP...': sets packages, and missing_text for a person.
find_missing() {
  packages=
  missing_text=
  for group in $1; do
    while read -r of package probe what; do
      [ "$of" = "$group" ] || continue
      is_there "$package" "$probe" || miss "$package" "$what"
    done <"$here/setup.d/packages.txt"
  done
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
  apt_get install --no-install-recommends --no-remove $packages || {
    update_lists
    # shellcheck disable=SC2086
    apt_get install --no-install-recommends --no-remove $packages
  } || fail_with_log "apt-get cannot install$packages"
}

# Sets as_root, the prefix of commands that only root may run.
become_root() {
  as_root=
  if ! has_apt; then
    cannot_install "only on Debian and Ubuntu are packages installed for you"
  elif [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null ||
      cannot_install "you are not root, and there is no sudo"
    as_root=sudo
    # Without a terminal, sudo cannot ask for a password.
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
  say "updating the package lists"
  apt_get update || fail_with_log "apt-get cannot fetch the lists of packages"
}

# The lock's descriptor is closed, so that no service that a package starts
# keeps it. Only apt-get's progress goes through the pipe, for the same reason.
apt_get() {
  rm -f -- "$log.done"
  {
    # shellcheck disable=SC2016 # sh expands it
    $as_root env DEBIAN_FRONTEND=noninteractive sh -c '
      log=$1
      shift
      exec apt-get -q -y -o DPkg::Lock::Timeout=300 -o APT::Status-Fd=3 "$@" \
        3>&1 >>"$log" 2>&1' sh "$log" "$@" </dev/null 9>&- &&
      : >"$log.done"
  } | show_installing
  [ -e "$log.done" ] && rm -f -- "$log.done"
}

# "dlstatus:NUMBER:PERCENT:WHAT" and "pmstatus:PACKAGE:PERCENT:WHAT", see
# README.progress-reporting of apt.
show_installing() {
  begin_steps
  while IFS=: read -r kind _ percent what; do
    case $kind in
      dlstatus) show_step "${percent%.*} % downloaded" "${percent%%.*}" ;;
      pmstatus) show_step "${percent%.*} % installed ($what)" "${percent%%.*}" ;;
    esac
  done
  end_steps
}

begin_steps() {
  shown=
  columns=$(stty size <&1 2>/dev/null || echo 0 80)
  columns=${columns#* }
  # As a serial line has it.
  [ "$columns" != 0 ] || columns=80
}

# show_step TEXT PERCENT: redraws a line on a terminal. Elsewhere it prints one
# for each quarter of the way.
show_step() {
  if [ -t 1 ]; then
    printf '\r\033[K%s: %.*s' "$program" \
      "$((columns - ${#program} - 3))" "$1" 2>/dev/null || :
    shown=1
  elif [ "$(($2 / 25))" != "${shown:-0}" ]; then
    shown=$(($2 / 25))
    say "$1"
  fi
}

end_steps() {
  ! [ -t 1 ] || [ -z "$shown" ] || printf '\r\033[K' 2>/dev/null || :
}

fail_with_log() {
  say "$1. The end of $log:" >&2
  tail -n 30 -- "$log" >&2
  exit "$EXIT_FAILED"
}

# is_configured 'MESON-OPTION...': whether the build folder was configured with
# these options, and for the place where it lies now.
is_configured() {
  [ -e "$folder/build.ninja" ] && has_options "$1" &&
    grep -qF "\"source\": \"$root\"" "$folder/meson-info/meson-info.json" \
      2>/dev/null
}

# has_options 'MESON-OPTION...': a folder that was configured by hand keeps the
# options that it has, as long as none are wanted.
has_options() {
  # shellcheck disable=SC2086 # a list of words
  set -- $1
  [ $# = 0 ] || grep -qxF -- "$*" "$folder/.options" 2>/dev/null
}

# configure 'MESON-OPTION...'
# An interrupted set-up leaves files that would make the next one fail.
configure() {
  say "configuring $folder_name/"
  rm -rf -- "$folder/meson-private" "$folder/meson-info" "$folder/build.ninja" \
    "$folder/.options"
  # shellcheck disable=SC2086 # a list of words
  set -- $1
  meson setup "$@" "$folder" "$root" >"$log" 2>&1 </dev/null ||
    fail_with_log "meson cannot configure $folder_name/"
  printf '%s\n' "$*" >"$folder/.options"
}

# has_no_work 'TARGET...'
has_no_work() {
  # shellcheck disable=SC2086 # a list of words
  case $(ninja -C "$folder" -n $1 2>/dev/null || :) in
    *'ninja: no work to do.') ;;
    *) return 1 ;;
  esac
}

# compile 'MESON-OPTION...' 'TARGET...'
compile() {
  say "building $folder_name/"
  run_ninja "$2" && return
  # meson may have changed, or a library or program be gone: start over, once.
  ! grep -q "rebuilding 'build.ninja'\|^ninja: error: " "$log" || {
    configure "$1"
    run_ninja "$2" && return
  }
  fail_with_log "the build failed"
}

run_ninja() {
  rm -f -- "$log.done"
  : >"$log.begin"
  # ccache, which Meson uses where it is installed, does not cache files with a
  # precompiled header unless it may trust that header's macros and times.
  export CCACHE_SLOPPINESS="${CCACHE_SLOPPINESS:-pch_defines,time_macros}"
  # shellcheck disable=SC2046,SC2086 # lists of words
  { NINJA_STATUS='[%f/%t] ' ninja -C "$folder" $(few_jobs) $1 2>&1 </dev/null &&
    : >"$log.done"; } | tee -- "$log" | show_building
  [ -e "$log.done" ] && rm -f -- "$log.done" &&
    mv -f -- "$log.begin" "$folder/.built"
}

# few_jobs: "-j N" where there is too little memory for ninja's number of jobs.
# A compiler needs up to 1 GiB.
few_jobs() {
  room=$(awk '/^MemAvailable:/ { print int($2 / 1048576) }' /proc/meminfo)
  [ "${room:-1}" -ge "$(($(nproc) + 2))" ] ||
    echo "-j $((${room:-0} > 1 ? room : 1))"
}

show_building() {
  begin_steps
  while read -r step what; do
    case $step in
      *[!][/0-9]*) ;;
      \[[0-9]*/[0-9]*\])
        done_steps=${step#?}
        done_steps=${done_steps%/*}
        all_steps=${step##*/}
        all_steps=${all_steps%?}
        # A few steps need no lines but the first and the last.
        [ -t 1 ] || [ "$all_steps" -ge 20 ] || continue
        # Of an object that is being compiled, the program or library it is for.
        what=${what##* }
        show_step "$step ${what%.p/*}" "$((100 * done_steps / all_steps))"
        ;;
    esac
  done
  end_steps
}

# Files that root builds in a user's folder belong to that user.
return_to_owner() {
  [ "$(id -u)" != 0 ] || [ "$(stat -c %u -- "$root")" = 0 ] ||
    chown -R --reference="$root" -- "$folder" 2>/dev/null || :
}
