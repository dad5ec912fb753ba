echo "global after $1"
