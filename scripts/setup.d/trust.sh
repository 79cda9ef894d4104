# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# Which files may be run from a build folder: those that only root, this user and
# the owner of these scripts can have written. That owner is trusted already, as
# the scripts are theirs. Read with `.`, as setup.sh is.
# A group may write where it is one user's own, as with umask 002 on Ubuntu.

: "${here:?is the folder of the scripts}"
writers="0 $(id -u) $(stat -c %u -- "$here/.")"
are_writers="-user ${writers%% *}"
for id in ${writers#* }; do
  are_writers="$are_writers -o -user $id"
done

# distrust_of_folder FOLDER: who else can have written what is in it, or can
# replace it, in words; empty when it is safe, or does not exist. A link
# may lead to a folder elsewhere.
distrust_of_folder() {
  if [ -L "$1" ]; then
    place=$(LC_ALL=C readlink -ev -- "$1" 2>&1) || {
      printf 'cannot follow this link (%s)' "$place"
      return
    }
    distrust=$(distrust_of_place "$place")
    [ -z "$distrust" ] || {
      printf '%s' "$distrust"
      return
    }
    set -- "$1" "$1/."
  elif [ ! -e "$1" ]; then
    return
  fi
  others_can_write '-type l' "$@"
}

# distrust_of_place FOLDER: the same of the folder and those above it, but not
# of what is in them. The sticky bit, as of /tmp, keeps others from
# replacing what is there.
distrust_of_place() {
  [ -e "$1" ] || {
    printf 'there is no such folder'
    return
  }
  above=$1
  while [ -n "${above%/}" ]; do
    above=${above%/*}
    set -- "$@" "${above:-/}"
  done
  others_can_write '-perm -1000' "$@" -maxdepth 0
}

# others_can_write EXEMPT FILE... OPTION: which of the files that find finds
# others can write, in words. The mode of those that are EXEMPT does not matter.
# A file that cannot be looked at is not trusted.
# shellcheck disable=SC2046,SC2086 # words of an expression
others_can_write() {
  exempt=$1
  shift
  first_file "$@" \( ! \( $are_writers \) -o ! $exempt -perm /022 \) || return 0
  [ -n "$found" ] || return 0
  # Groups and lists are looked up where that matters, which takes longer.
  first_file "$@" \( ! \( $are_writers \) -o ! $exempt \
    \( -perm /002 -o -perm /020 $(not_private) \) \) || return 0
  if [ -n "$found" ]; then
    who_can_write "$found"
    return
  fi
  found=$(first_with_list "$@" ! $exempt -perm /020)
  [ -z "$found" ] ||
    printf 'an access control list lets others write %s' "$found"
}

# first_file FILE FIND-ARGUMENT...: sets found, which is empty where there is
# none. Prints why, and fails, where find cannot look.
first_file() {
  found=$(LC_ALL=C find "$@" -print -quit 2>&1) && return
  # Another call may be building there, and remove what find is about to read.
  found=$(printf '%s\n' "${found:-it gave no reason}" |
    grep -v '^find: .*: No such file or directory$') || return 0
  case $found in
    "$1"*) ;;
    *)
      printf 'cannot look at all files (%s)' "$found"
      return 1
      ;;
  esac
}

# first_with_list FIND-ARGUMENT...: the name, quoted, of a file with an access
# control list, if there is one. ls marks its mode with a plus sign. Whether
# find can look at all of them was seen before.
first_with_list() {
  find "$@" -exec ls -dl --quoting-style=shell-escape-always -- {} + \
    2>/dev/null | sed -n "s/^[^ ]*+ [^'\"]*//p" | head -n 1
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
