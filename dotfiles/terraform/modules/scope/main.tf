# What is to be made in one account, out of the catalogue's variables. No provider: `terraform test`
# runs this anywhere.

variable "account" {
  description = "The account's name in the catalogue."
  type        = string

  validation {
    condition     = contains(keys(var.accounts), var.account)
    error_message = "The catalogue has no account '${var.account}'. It has: ${join(", ", keys(var.accounts))}."
  }
}

variable "hub" {
  type = object({
    account         = string
    saml_provider   = string
    session_seconds = optional(number, 3600)
  })
}

variable "accounts" {
  type = map(object({
    id        = string
    partition = string
    region    = optional(string)
    tags      = map(string)
  }))
}

variable "roles" {
  type = map(object({
    name            = string
    policies        = list(string)
    session_seconds = optional(number, 3600)
  }))
}

variable "teams" {
  type = map(object({
    okta_group     = string
    hub_role       = string
    hub_policies   = list(string)
    hub_statements = list(string)
    reach          = map(list(string))
  }))
}

locals {
  hub  = var.accounts[var.hub.account]
  here = var.accounts[var.account]

  # Each role that a team is granted here, with the hub roles of all who are.
  spoke_roles = {
    for key, role in var.roles : role.name => merge(role, {
      hub_role_names = sort([for team in values(var.teams) : team.hub_role if contains(lookup(team.reach, var.account, []), key)])
    }) if anytrue([for team in values(var.teams) : contains(lookup(team.reach, var.account, []), key)])
  }

  hub_roles = {
    for name, team in var.teams : team.hub_role => merge(team, {
      team = name
      spoke_role_arns = flatten([
        for account, roles in team.reach : [
          for role in roles : "arn:${var.accounts[account].partition}:iam::${var.accounts[account].id}:role/${var.roles[role].name}"
        ]
      ])
    }) if var.account == var.hub.account
  }

  # A group is assigned to the app once, with the roles of all teams that it stands for.
  okta_groups = {
    for group in distinct([for role in values(local.hub_roles) : role.okta_group]) :
    group => sort([for name, role in local.hub_roles : name if role.okta_group == group])
  }
}

output "here" {
  description = "The account."
  value       = local.here
}

output "hub" {
  description = "The hub account."
  value       = local.hub
}

output "spoke_roles" {
  description = "The roles to be made here, by their names, with the hub roles that may assume each."
  value       = local.spoke_roles

  precondition {
    condition     = length(local.spoke_roles) == 0 || local.here.partition == local.hub.partition
    error_message = "Account '${var.account}' is in ${local.here.partition} and the hub in ${local.hub.partition}: no role can be assumed across partitions."
  }

  precondition {
    condition     = length(setintersection(keys(local.spoke_roles), keys(local.hub_roles))) == 0
    error_message = "These are roles of teams, and granted in the hub as well: ${join(", ", setintersection(keys(local.spoke_roles), keys(local.hub_roles)))}. Give one of the two another name."
  }
}

output "hub_roles" {
  description = "The roles of the teams, by their names; none but in the hub."
  value       = local.hub_roles
}

output "okta_groups" {
  description = "The hub roles that each Okta group is assigned; none but in the hub."
  value       = local.okta_groups
}
