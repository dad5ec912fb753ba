# A role in an account, which only the hub's granted roles may assume.

variable "name" {
  description = "The role's name."
  type        = string
}

variable "partition" {
  description = "The account's partition."
  type        = string
}

variable "hub_account_id" {
  description = "The account that people are federated into."
  type        = string
}

variable "hub_role_names" {
  description = "The hub roles that may assume this one."
  type        = list(string)
}

variable "policies" {
  description = "AWS managed policies by name, or whole ARNs."
  type        = list(string)
}

variable "session_seconds" {
  description = "How long a session may be."
  type        = number
  default     = 3600
}

variable "trust_length" {
  description = "How long a trust policy may be: 2048 unless AWS has raised the quota (to 4096 at most)."
  type        = number
  default     = 2048
}

variable "tags" {
  description = "Tags of the role."
  type        = map(string)
  default     = {}
}

module "policy" {
  source = "./policy"

  partition       = var.partition
  hub_account_id  = var.hub_account_id
  hub_role_names  = var.hub_role_names
  policies        = var.policies
  session_seconds = var.session_seconds
}

resource "aws_iam_role" "this" {
  name                 = var.name
  assume_role_policy   = module.policy.trust
  max_session_duration = module.policy.max_session_duration
  tags                 = var.tags

  lifecycle {
    precondition {
      condition     = length(module.policy.trust) <= var.trust_length
      error_message = "The trust policy of ${var.name} has ${length(module.policy.trust)} characters for ${length(var.hub_role_names)} teams, and AWS takes ${var.trust_length}. Have the quota 'Role trust policy length' raised, or split the role."
    }
  }
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = module.policy.policy_arns

  role       = aws_iam_role.this.name
  policy_arn = each.value
}

# Whatever else is attached or written into the role by hand goes away again.
resource "aws_iam_role_policy_attachments_exclusive" "this" {
  role_name   = aws_iam_role.this.name
  policy_arns = module.policy.policy_arns
}

resource "aws_iam_role_policies_exclusive" "this" {
  role_name    = aws_iam_role.this.name
  policy_names = []
}

output "arn" {
  description = "The role's ARN."
  value       = aws_iam_role.this.arn
}
