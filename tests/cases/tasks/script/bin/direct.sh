#!/bin/sh
echo "direct $(basename "$0") $#: $*"
