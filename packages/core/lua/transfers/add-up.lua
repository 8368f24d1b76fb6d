-- Adds what was noted to the counters of the quality report (count.lua), before they are read.
addUp(KEYS.report)
return 'added'
