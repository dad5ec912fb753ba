#!/no/such/interpreter
echo "plain $(basename "$0") $#: $*"
exit 3
