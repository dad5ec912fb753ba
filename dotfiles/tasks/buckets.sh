#!/bin/sh
# buckets.sh [PROFILE]: the S3 buckets in that profile's account, one a line (for the inner brackets).
# Not through a pipe: that would end as its last program does, whatever became of robo.
set -eu
exec robo aws.exec "${1:-dev}" -- \
  aws s3api list-buckets --query 'Buckets[].[Name]' --output text
