basename "$(dirname "$0")"; case "$0" in *./*|*//*) echo not clean;; esac
