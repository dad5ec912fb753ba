# The documents of a role in an account. No provider: `terraform test` runs this anywhere.

variable "partition" {
  description = "The account's partition: aws, aws-us-gov, aws-cn or aws-eusc."
  type        = string

  # It stands in the principal and in the condition.
  validation {
    condition     = contains(["aws", "aws-cn", "aws-eusc", "aws-us-gov"], var.partition)
    error_message = "The partition is one of aws, aws-cn, aws-eusc, aws-us-gov."
  }
}

variable "hub_account_id" {
  description = "The account that people are federated into."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.hub_account_id))
    error_message = "The hub's account id has 12 digits."
  }
}

variable "hub_role_names" {
  description = "The hub roles that may assume this role."
  type        = list(string)

  # No pattern gets in: ArnEquals takes '*' and '?' for wildcards.
  validation {
    condition     = length(var.hub_role_names) > 0 && alltrue([for name in var.hub_role_names : can(regex("^[A-Za-z0-9_+=,.@-]{1,64}$", name))])
    error_message = "A role that nobody may assume is not made, and a role's name has letters, digits and _+=,.@- alone."
  }
}

variable "policies" {
  description = "AWS managed policies by name (with its path: job-function/Billing), or whole ARNs."
  type        = list(string)
}

variable "session_seconds" {
  description = "How long a session may be. IAM takes no maximum below an hour, and no role reached through another one gets more."
  type        = number
  default     = 3600
}

locals {
  root = "arn:${var.partition}:iam::${var.hub_account_id}:root"

  # The account is the principal, and the roles are a condition. A role named as the principal has
  # to exist first, and is replaced by its id: made again, it would not be trusted any more.
  trust = {
    Version = "2012-10-17"
    Statement = [{
      Sid       = "RolesOfTheHub"
      Effect    = "Allow"
      Principal = { AWS = local.root }
      Action    = "sts:AssumeRole"
      Condition = {
        ArnEquals = {
          "aws:PrincipalArn" = sort(distinct([
            for name in var.hub_role_names : "arn:${var.partition}:iam::${var.hub_account_id}:role/${name}"
          ]))
        }
      }
    }]
  }
}

output "trust" {
  description = "Who may assume the role."
  value       = jsonencode(local.trust)
}

output "policy_arns" {
  description = "What the role may do."
  value = toset([
    for policy in var.policies : startswith(policy, "arn:") ? policy : "arn:${var.partition}:iam::aws:policy/${policy}"
  ])
}

output "max_session_duration" {
  description = "In seconds, as IAM takes it: an hour to twelve."
  value       = min(43200, max(3600, var.session_seconds))
}
