# The documents of a team's role in the hub. No provider: `terraform test` runs this anywhere.

variable "partition" {
  description = "The hub's partition: aws, aws-us-gov, aws-cn or aws-eusc."
  type        = string

  validation {
    condition     = contains(keys(local.audiences), var.partition)
    error_message = "The partition is one of ${join(", ", keys(local.audiences))}."
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

variable "saml_provider" {
  description = "The name of the SAML provider there."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9._-]{1,128}$", var.saml_provider))
    error_message = "A SAML provider's name has letters, digits and ._- alone."
  }
}

variable "spoke_role_arns" {
  description = "The roles that the team may assume; none for a team that has business in the hub only."
  type        = list(string)

  validation {
    condition     = alltrue([for arn in var.spoke_role_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+$", arn))])
    error_message = "Each is the ARN of one role: no wildcards."
  }
}

variable "policies" {
  description = "What the team may do in the hub itself: AWS managed policies by name, or whole ARNs."
  type        = list(string)
  default     = []
}

variable "statements" {
  description = "The same as IAM statements, each as JSON."
  type        = list(string)
  default     = []
}

locals {
  # What Okta's assertion is made out to. (That of aws-eusc follows AWS's naming, unproven.)
  audiences = {
    aws        = "https://signin.aws.amazon.com/saml"
    aws-cn     = "https://signin.amazonaws.cn/saml"
    aws-eusc   = "https://signin.amazonaws-eusc.eu/saml"
    aws-us-gov = "https://signin.amazonaws-us-gov.com/saml"
  }

  trust = {
    Version = "2012-10-17"
    Statement = [{
      Sid       = "PeopleOfOkta"
      Effect    = "Allow"
      Principal = { Federated = "arn:${var.partition}:iam::${var.hub_account_id}:saml-provider/${var.saml_provider}" }
      Action    = "sts:AssumeRoleWithSAML"
      Condition = { StringEquals = { "SAML:aud" = local.audiences[var.partition] } }
    }]
  }

  arns = sort(distinct(var.spoke_role_arns))

  # A managed policy has 6,144 characters at most: 120 for what is around the ARNs, and quotes and
  # a comma for each of them.
  chunk = floor((6144 - 120) / (max(1, [for arn in local.arns : length(arn)]...) + 3))
}

output "trust" {
  description = "Who may assume the role."
  value       = jsonencode(local.trust)
}

output "assume" {
  description = "The documents that let the team assume its roles, by number: as many as their length needs."
  value = {
    for number, arns in chunklist(local.arns, local.chunk) : format("%02d", number + 1) => jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Sid      = "RolesOfTheTeam"
        Effect   = "Allow"
        Action   = "sts:AssumeRole"
        Resource = arns
      }]
    })
  }
}

output "own" {
  description = "The document of the team's own statements, or null."
  value = length(var.statements) == 0 ? null : jsonencode({
    Version   = "2012-10-17"
    Statement = [for statement in var.statements : jsondecode(statement)]
  })
}

output "policy_arns" {
  description = "The managed policies of the team's own."
  value = toset([
    for policy in var.policies : startswith(policy, "arn:") ? policy : "arn:${var.partition}:iam::aws:policy/${policy}"
  ])
}
