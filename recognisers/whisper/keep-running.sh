# Runs a program, and runs it again when it dies (of its memory, of a fault), until it leaves by itself with 0: ECS restarts no
# container that has run for less than a minute. One that dies again and again is waited for, twice as long each time: its
# beginning takes of the processor that the recorder has. SIGTERM ends both.
# sh keep-running.sh PROGRAM ARGUMENT…
set -u
trap '[ -z "${!-}" ] || kill "$!" 2>/dev/null; wait; exit 0' TERM INT
pause=1
while :; do
  began=$(date +%s)
  "$@" &
  wait "$!" && exit 0
  code=$?
  [ $(($(date +%s) - began)) -lt 60 ] || pause=1
  echo "the recogniser ended with $code; it is begun anew in $pause s" >&2
  sleep "$pause" &
  wait "$!"
  [ "$pause" -ge 30 ] || pause=$((pause * 2))
done
