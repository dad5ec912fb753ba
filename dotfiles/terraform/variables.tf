# robo.auto.tfvars.json has them, but for the first three: `robo dotfiles.terraform` prints it.

variable "account" {
  description = "The account of this run, by its name in the catalogue. The workspace's name, unless set."
  type        = string
  default     = null

  # A state belongs to one account: that of 'dev' must not be applied to 'prod'.
  validation {
    condition     = var.account == null || contains(["default", coalesce(var.account, "-")], terraform.workspace)
    error_message = "This is the workspace '${terraform.workspace}'. Select that of the account, or leave the variable out."
  }
}

variable "deployer" {
  description = "The role in each account that Terraform works as, or \"\" to work as whoever runs it."
  type        = string
  default     = "OrganizationAccountAccessRole"
}

variable "quotas" {
  description = "AWS's quotas, where they were raised for you."
  type = object({
    trust_length = optional(number, 2048)
    attachments  = optional(number, 10)
  })
  default = {}
}

variable "hub" {
  description = "Where people are federated into."
  type = object({
    account         = string
    saml_provider   = string
    session_seconds = optional(number, 3600)
  })
}

variable "okta" {
  description = "The org, and the app that federates into the hub."
  type = object({
    domain = string
    app_id = string
  })
}

variable "accounts" {
  description = "The accounts, by name."
  type = map(object({
    id        = string
    partition = string
    region    = optional(string)
    tags      = map(string)
  }))
}

variable "roles" {
  description = "The roles in the accounts."
  type = map(object({
    name            = string
    policies        = list(string)
    session_seconds = optional(number, 3600)
  }))
}

variable "teams" {
  description = "The teams, with the roles that each reaches in each account."
  type = map(object({
    okta_group     = string
    hub_role       = string
    hub_policies   = list(string)
    hub_statements = list(string)
    reach          = map(list(string))
  }))
}
