# An Okta group, assigned to the AWS app with the hub roles of its teams.

variable "app_id" {
  description = "The id of the app that federates into the hub (0oa…)."
  type        = string
}

variable "group" {
  description = "The group's name."
  type        = string
}

variable "hub_role_names" {
  description = "The roles that its people may choose from."
  type        = list(string)
}

data "okta_group" "this" {
  name = var.group

  # Where no group has that name, the provider takes one that only begins with it, and whoever is in
  # that would get the team's roles.
  lifecycle {
    postcondition {
      condition     = self.name == var.group
      error_message = "Okta has no group '${var.group}': what it finds is '${self.name}'. Make the group, or correct 'okta_group' in the catalogue."
    }
  }
}

# Assigned by the group, the roles of all groups that somebody is in are put together only if the
# attribute samlRoles is set to be combined across groups in the app's profile; else the group of
# the first priority wins.
resource "okta_app_group_assignment" "this" {
  app_id   = var.app_id
  group_id = data.okta_group.this.id
  profile  = jsonencode({ samlRoles = var.hub_role_names })
}
