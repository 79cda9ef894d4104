# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# What may be run from a build folder, read with `.` as setup.sh is: what only
# root, this user and the owner of these scripts can have written. The last one
# is trusted already, for whoever starts the scripts runs what they wrote.
# A group may write where it is one user's own, as with umask 002 on Ubuntu.

: "${here:?is the folder of the scripts}"
writers="0 $(id -u) $(stat -c %u -- "$here/.")"
are_writers="-user ${writers%% *}"
for id in ${writers#* }; do
  are_writers="$are_writers -o -user $id"
done

# untrusted_file FOLDER: a file in it, or the folder, that others could have
# written, if there is one. A link may lead to a folder elsewhere.
untrusted_file() {
  if [ -L "$1" ]; then
    place=$(untrusted_place "$(readlink -f -- "$1")")
    [ -z "$place" ] || {
      printf '%s\n' "$place"
      return
    }
    set -- "$1" "$1/."
  fi
  # Groups are looked up where that matters, which takes longer.
  # shellcheck disable=SC2046,SC2086 # words of an expression
  [ -z "$(find "$@" \( ! \( $are_writers \) -o ! -type l -perm /022 \) -print \
    -quit 2>/dev/null)" ] || find "$@" \( ! \( $are_writers \) -o ! -type l \
    \( -perm /002 -o -perm /020 $(not_private) \) \) -print -quit 2>/dev/null
}

# untrusted_place FOLDER: the folder, or one above it, in which others could
# replace what is there, if there is one. The sticky bit, as of /tmp, prevents
# that.
untrusted_place() {
  above=$1
  while [ -n "${above%/}" ]; do
    above=${above%/*}
    set -- "$@" "${above:-/}"
  done
  # shellcheck disable=SC2046,SC2086
  find "$@" -maxdepth 0 \( ! \( $are_writers \) -o ! -perm -1000 \
    \( -perm /002 -o -perm /020 $(not_private) \) \) -print -quit 2>/dev/null
}

# not_private: "! -group ID" for each group that has no member but its writer.
not_private() {
  for id in $writers; do
    name=$(id -un -- "$id") || continue
    [ "$(id -gn -- "$id")" = "$name" ] || continue
    gid=$(id -g -- "$id")
    case $(getent group "$gid") in *: | *:"$name") ;; *) continue ;; esac
    [ "$(getent passwd | grep -c "^[^:]*:[^:]*:[^:]*:$gid:")" = 1 ] || continue
    printf ' ! -group %s' "$gid"
  done 2>/dev/null
}

# who_can_write FILE: in words.
who_can_write() {
  # shellcheck disable=SC2086
  if [ -n "$(find "$1" -maxdepth 0 ! \( $are_writers \))" ]; then
    printf '%s belongs to %s' "$(quoted "$1")" "$(stat -c '%U (uid %u)' -- "$1")"
  elif [ -n "$(find "$1" -maxdepth 0 -perm /002)" ]; then
    printf 'everybody can write %s' "$(quoted "$1")"
  else
    printf 'the group %s can write %s' "$(stat -c %G -- "$1")" "$(quoted "$1")"
  fi
}

# quoted FILE: its name, for a shell and without control characters.
quoted() {
  stat -c %N -- "$1"
}
