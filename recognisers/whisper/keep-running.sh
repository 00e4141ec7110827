# Runs a program, and runs it again when it dies (of its memory, of a fault), until it leaves by itself with 0: ECS restarts no
# container that has run for less than a minute. SIGTERM ends both.
# sh keep-running.sh PROGRAM ARGUMENT…
set -u
trap '[ -z "${!-}" ] || kill "$!" 2>/dev/null; wait; exit 0' TERM INT
while :; do
  "$@" &
  wait "$!" && exit 0
  echo "the recogniser ended with $?; it is begun anew" >&2
  sleep 1 &
  wait "$!"
done
