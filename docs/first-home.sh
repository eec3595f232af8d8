#!/bin/sh
# A home to look at, in the folder $1: Vänersborg's wheel with the cycles around today. Every line that begins with
# arshjul is one that you could type. The people are invented, and so are KS's decisions on the timetables, all of today.
set -eu
export ARSHJUL_HOME="$1"
export TZ=Europe/Stockholm # a day that has not come there yet is refused
year=$(date +%Y)
autumn=$(if [ "$(date +%m)" -ge 11 ]; then echo 1; else echo 0; fi) # in November the next budget work begins

arshjul init --admin admin --email admin@example.se
trap '[ $? = 0 ] || rm -rf "$ARSHJUL_HOME"' EXIT # half a home would pass for a whole one the next time
# KS meets today for that, even on a day off, unless it does so anyway.
arshjul meetings add ks "$(date +%F)" --actor admin >/dev/null 2>&1 || true

election=$((year - (year + 2) % 4)) # 2022, 2026, 2030 …
if [ "$election" = "$year" ] && [ "$autumn" = 0 ]; then election=$((election - 4)); fi
arshjul open "mandat-$((election - 4))" --actor admin
arshjul open "mandat-$election" --actor admin

for cycle in $(seq "$((year - 1))" "$((year + 1 + autumn))"); do
    arshjul open "$cycle" --actor admin
    arshjul advance "$cycle/tidsplan" decide --actor admin --body ks --date "$(date +%F)" --paragraph 0 \
        --point "$cycle" --diary "KS $year/0" --outcome adopted --text "Påhittat beslut, för att kunna prova Årshjul."
done
arshjul tick
