#!/bin/sh
# A home to look at, in the folder $1: Vänersborg's wheel with the cycles around today. Every line that begins with
# arshjul is one that you could type. The people are invented, and so are KS's decisions on the timetables.
set -eu
export ARSHJUL_HOME="$1"
year=$(date +%Y)
today=$(date +%Y%m%d)
autumn=$(if [ "$(date +%m)" -ge 11 ]; then echo 1; else echo 0; fi) # in November the next budget work begins

arshjul init --admin admin --email admin@example.se
trap '[ $? = 0 ] || rm -rf "$ARSHJUL_HOME"' EXIT # half a home would pass for a whole one the next time

election=$((year - (year + 2) % 4)) # 2022, 2026, 2030 …
if [ "$election" = "$year" ] && [ "$autumn" = 0 ]; then election=$((election - 4)); fi
arshjul open "mandat-$((election - 4))" --actor admin
arshjul open "mandat-$election" --actor admin

for cycle in $(seq "$((year - 1))" "$((year + 1 + autumn))"); do
    arshjul open "$cycle" --actor admin
    decided=$((cycle - 2))-11-04
    if [ "$(echo "$decided" | tr -d -)" -gt "$today" ]; then decided=$(date +%F); fi
    arshjul advance "$cycle/tidsplan" decide --actor admin --body ks --date "$decided" --paragraph 0 \
        --diary "KS $((cycle - 2))/0" --outcome adopted --text "Påhittat beslut, för att kunna prova Årshjul."
done
arshjul tick
