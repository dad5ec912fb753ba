#!/bin/sh
# buckets.sh [PROFILE]: the S3 buckets in that profile's account, one a line.
set -eu
robo aws.exec "${1:-dev}" -- aws s3api list-buckets --query 'Buckets[].Name' --output text |
  tr '\t' '\n'
