# One run is one account: in the hub a role for each team and its Okta group, in each account the
# roles that teams are granted there. README.md says why.

locals {
  account = coalesce(var.account, terraform.workspace)

  # Where IAM is asked, when the catalogue names no region.
  regions = {
    aws        = "us-east-1"
    aws-cn     = "cn-northwest-1"
    aws-eusc   = "eusc-de-east-1"
    aws-us-gov = "us-gov-west-1"
  }

  tags = { robo = "aws/catalog.toml" }

  # acme.okta.com: the provider wants both halves.
  okta = split(".", var.okta.domain)
}

module "scope" {
  source = "./modules/scope"

  account  = local.account
  hub      = var.hub
  accounts = var.accounts
  roles    = var.roles
  teams    = var.teams
}

provider "aws" {
  region = coalesce(module.scope.here.region, local.regions[module.scope.here.partition])

  # Whatever credentials it finds, it changes no other account.
  allowed_account_ids = [module.scope.here.id]

  dynamic "assume_role" {
    for_each = var.deployer == "" ? [] : [var.deployer]

    content {
      role_arn     = "arn:${module.scope.here.partition}:iam::${module.scope.here.id}:role/${assume_role.value}"
      session_name = "terraform"
    }
  }
}

# OKTA_API_TOKEN, or a client id and a private key, from the environment.
provider "okta" {
  org_name = local.okta[0]
  base_url = join(".", slice(local.okta, 1, length(local.okta)))
}

module "spoke_role" {
  source   = "./modules/spoke-role"
  for_each = module.scope.spoke_roles

  name            = each.key
  partition       = module.scope.here.partition
  hub_account_id  = module.scope.hub.id
  hub_role_names  = each.value.hub_role_names
  policies        = each.value.policies
  session_seconds = each.value.session_seconds
  trust_length    = var.quotas.trust_length
  tags            = local.tags
}

module "hub_role" {
  source   = "./modules/hub-role"
  for_each = module.scope.hub_roles

  name            = each.key
  partition       = module.scope.hub.partition
  hub_account_id  = module.scope.hub.id
  saml_provider   = var.hub.saml_provider
  spoke_role_arns = each.value.spoke_role_arns
  policies        = each.value.hub_policies
  statements      = each.value.hub_statements
  session_seconds = var.hub.session_seconds
  attachments     = var.quotas.attachments
  tags            = merge(local.tags, { team = each.value.team })
}

# Okta is told of a role only once the role is there.
module "okta_group" {
  source     = "./modules/okta-group"
  for_each   = module.scope.okta_groups
  depends_on = [module.hub_role]

  app_id         = var.okta.app_id
  group          = each.key
  hub_role_names = each.value
}

output "roles" {
  description = "The roles in this account."
  value       = sort(concat([for role in module.spoke_role : role.arn], [for role in module.hub_role : role.arn]))
}
