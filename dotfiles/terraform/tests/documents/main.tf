# Every document of every account at once, without a provider: what robo's own tests hold against
# `robo dotfiles.access`.

variable "hub" { type = any }
variable "accounts" { type = any }
variable "roles" { type = any }
variable "teams" { type = any }

# Not used here, but in the same file.
variable "okta" { type = any }

module "scope" {
  source   = "../../modules/scope"
  for_each = var.accounts

  account  = each.key
  hub      = var.hub
  accounts = var.accounts
  roles    = var.roles
  teams    = var.teams
}

locals {
  spoke_roles = merge([
    for account, scope in module.scope : {
      for name, role in scope.spoke_roles : "arn:${scope.here.partition}:iam::${scope.here.id}:role/${name}" => merge(role, scope.here)
    }
  ]...)
  hub       = module.scope[var.hub.account].hub
  hub_roles = module.scope[var.hub.account].hub_roles
}

module "spoke" {
  source   = "../../modules/spoke-role/policy"
  for_each = local.spoke_roles

  partition       = each.value.partition
  hub_account_id  = local.hub.id
  hub_role_names  = each.value.hub_role_names
  policies        = each.value.policies
  session_seconds = each.value.session_seconds
}

module "hub" {
  source   = "../../modules/hub-role/policy"
  for_each = local.hub_roles

  partition       = local.hub.partition
  hub_account_id  = local.hub.id
  saml_provider   = var.hub.saml_provider
  spoke_role_arns = each.value.spoke_role_arns
  policies        = each.value.hub_policies
  statements      = each.value.hub_statements
}

output "spoke_roles" {
  value = {
    for arn, role in module.spoke : arn => {
      trust                = role.trust
      policy_arns          = role.policy_arns
      max_session_duration = role.max_session_duration
    }
  }
}

output "hub_roles" {
  value = {
    for name, role in module.hub : "arn:${local.hub.partition}:iam::${local.hub.id}:role/${name}" => {
      trust       = role.trust
      assume      = role.assume
      own         = role.own
      policy_arns = role.policy_arns
    }
  }
}

output "okta_groups" {
  value = module.scope[var.hub.account].okta_groups
}
