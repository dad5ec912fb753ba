terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.84, < 7.0"
    }
    okta = {
      source  = "okta/okta"
      version = ">= 4.8"
    }
  }

  # The state is yours to place: a bucket that the platform team alone can write. Each workspace has
  # a state of its own there.
  # backend "s3" {}
}
