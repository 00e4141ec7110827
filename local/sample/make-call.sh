#!/usr/bin/env bash
# Makes call.wav: two people talking, synthesised. Left is the customer, right the agent; 8 kHz, 16 bit.
# The same versions of espeak-ng and sox make the same bytes. On Debian: apt-get install espeak-ng sox
set -euo pipefail
cd "$(dirname "$0")"

readonly CALL_SECONDS=31
readonly RATE=8000
parts=$(mktemp -d)
trap 'rm -rf "$parts"' EXIT

# say SIDE VOICE START TEXT: a line of the call, spoken from START seconds on.
say() {
  local side=$1 voice=$2 start=$3 text=$4
  local line="$parts/$side-$start.wav"
  espeak-ng -v "$voice" -s 185 -a 90 -w "$parts/spoken.wav" "$text"
  # -D, -R: no dither, no other randomness. -V1: the padding is more than is kept, and need not be warned of.
  sox -V1 -D -R "$parts/spoken.wav" -r "$RATE" -b 16 "$line" \
    rate -m pad "$start" "$CALL_SECONDS" trim 0 "$CALL_SECONDS" gain -3
}
agent() { say agent en-us+f3 "$@"; }
customer() { say customer en-gb+m3 "$@"; }

agent 0.5 "Good morning, Acme Books, this is Ann. How can I help you?"
customer 4.6 "Hello. I ordered a book last week, and it has not come yet."
agent 8.4 "I am sorry to hear that. One moment, please, I will have a look."
# A hold: nobody is heard until the agent is back.
agent 18.4 "Thank you for waiting. Your book left our house yesterday, by express mail."
# Both talk at once.
customer 20.6 "Oh, only yesterday? Well, at least that."
agent 23.6 "You should have it tomorrow."
customer 25.9 "Very good. Thank you, goodbye."
agent 28.5 "Goodbye, and enjoy the book!"

for side in customer agent; do
  lines=()
  # As loud as they are: sox would make each quieter, the more there are.
  for line in "$parts/$side"-*.wav; do lines+=(-v 1 "$line"); done
  sox -D -R -m "${lines[@]}" "$parts/$side.wav"
done
sox -D -R -M "$parts/customer.wav" "$parts/agent.wav" -t wavpcm call.wav
