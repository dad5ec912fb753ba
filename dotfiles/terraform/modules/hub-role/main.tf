# A team's role in the hub: Okta's assertion gives it, and it may assume the team's spoke roles.

variable "name" {
  description = "The role's name."
  type        = string
}

variable "partition" {
  description = "The hub's partition."
  type        = string
}

variable "hub_account_id" {
  description = "The account that people are federated into."
  type        = string
}

variable "saml_provider" {
  description = "The name of the SAML provider there."
  type        = string
}

variable "spoke_role_arns" {
  description = "The roles that the team may assume."
  type        = list(string)
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

variable "session_seconds" {
  description = "How long a session may be: 3600 to 43200."
  type        = number
  default     = 3600
}

variable "attachments" {
  description = "How many managed policies a role may have: 10 unless AWS has raised the quota (to 20 at most)."
  type        = number
  default     = 10
}

variable "tags" {
  description = "Tags of the role and of its policies."
  type        = map(string)
  default     = {}
}

module "policy" {
  source = "./policy"

  partition       = var.partition
  hub_account_id  = var.hub_account_id
  saml_provider   = var.saml_provider
  spoke_role_arns = var.spoke_role_arns
  policies        = var.policies
  statements      = var.statements
}

resource "aws_iam_role" "this" {
  name                 = var.name
  assume_role_policy   = module.policy.trust
  max_session_duration = min(43200, max(3600, var.session_seconds))
  tags                 = var.tags

  lifecycle {
    precondition {
      condition     = length(module.policy.assume) + length(module.policy.policy_arns) <= var.attachments
      error_message = "${var.name} may assume ${length(var.spoke_role_arns)} roles and needs ${length(module.policy.assume) + length(module.policy.policy_arns)} managed policies; AWS takes ${var.attachments}. Have the quota 'Managed policies attached to an IAM role' raised, or split the team."
    }
  }
}

resource "aws_iam_policy" "assume" {
  for_each = module.policy.assume

  name   = "${var.name}-assume-${each.key}"
  policy = each.value
  tags   = var.tags
}

resource "aws_iam_role_policy_attachment" "assume" {
  for_each = aws_iam_policy.assume

  role       = aws_iam_role.this.name
  policy_arn = each.value.arn
}

resource "aws_iam_role_policy_attachment" "own" {
  for_each = module.policy.policy_arns

  role       = aws_iam_role.this.name
  policy_arn = each.value
}

resource "aws_iam_role_policy" "own" {
  count = module.policy.own == null ? 0 : 1

  name   = "own"
  role   = aws_iam_role.this.name
  policy = module.policy.own
}

# Whatever else is attached or written into the role by hand goes away again.
resource "aws_iam_role_policy_attachments_exclusive" "this" {
  role_name   = aws_iam_role.this.name
  policy_arns = setunion(module.policy.policy_arns, [for policy in aws_iam_policy.assume : policy.arn])
}

resource "aws_iam_role_policies_exclusive" "this" {
  role_name    = aws_iam_role.this.name
  policy_names = aws_iam_role_policy.own[*].name
}

output "arn" {
  description = "The role's ARN."
  value       = aws_iam_role.this.arn
}
