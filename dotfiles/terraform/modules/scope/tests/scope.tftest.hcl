variables {
  hub = { account = "ops", saml_provider = "okta", session_seconds = 43200 }
  accounts = {
    ops  = { id = "111111111111", partition = "aws", tags = {} }
    dev  = { id = "222222222222", partition = "aws", tags = {} }
    prod = { id = "444444444444", partition = "aws", tags = {} }
    gov  = { id = "555555555555", partition = "aws-us-gov", tags = {} }
  }
  roles = {
    admin    = { name = "Administrator", policies = ["AdministratorAccess"] }
    readonly = { name = "ReadOnly", policies = ["ReadOnlyAccess"], session_seconds = 1800 }
  }
  teams = {
    data = {
      okta_group = "aws-data", hub_role = "data-hub", hub_policies = [], hub_statements = []
      reach      = { dev = ["admin"], prod = ["readonly"] }
    }
    foundation = {
      okta_group = "aws-platform", hub_role = "foundation", hub_policies = [], hub_statements = []
      reach      = { dev = ["admin", "readonly"] }
    }
    fpa = {
      okta_group = "aws-platform", hub_role = "fpa", hub_policies = ["job-function/Billing"], hub_statements = []
      reach      = {}
    }
  }
}

run "an_account_has_the_roles_that_are_granted_in_it" {
  command = plan

  variables {
    account = "dev"
  }

  assert {
    condition = jsonencode({ for name, role in output.spoke_roles : name => role.hub_role_names }) == jsonencode({
      Administrator = ["data-hub", "foundation"]
      ReadOnly      = ["foundation"]
    })
    error_message = jsonencode(output.spoke_roles)
  }

  assert {
    condition     = length(output.hub_roles) == 0 && length(output.okta_groups) == 0
    error_message = "The teams' roles are in the hub alone."
  }
}

run "a_role_that_nobody_is_granted_is_not_made" {
  command = plan

  variables {
    account = "prod"
  }

  assert {
    condition     = keys(output.spoke_roles) == ["ReadOnly"] && join(",", output.spoke_roles["ReadOnly"].hub_role_names) == "data-hub"
    error_message = jsonencode(output.spoke_roles)
  }
}

run "the_hub_has_a_role_for_each_team" {
  command = plan

  variables {
    account = "ops"
  }

  assert {
    condition = { for name, role in output.hub_roles : name => role.spoke_role_arns } == {
      data-hub   = ["arn:aws:iam::222222222222:role/Administrator", "arn:aws:iam::444444444444:role/ReadOnly"]
      foundation = ["arn:aws:iam::222222222222:role/Administrator", "arn:aws:iam::222222222222:role/ReadOnly"]
      fpa        = []
    }
    error_message = jsonencode(output.hub_roles)
  }

  assert {
    condition     = length(output.spoke_roles) == 0
    error_message = jsonencode(output.spoke_roles)
  }

  assert {
    condition     = jsonencode(output.okta_groups) == jsonencode({ aws-data = ["data-hub"], aws-platform = ["foundation", "fpa"] })
    error_message = jsonencode(output.okta_groups)
  }
}

run "a_role_in_the_hub_may_not_have_a_team_s_name" {
  command = plan

  variables {
    account = "ops"
    roles   = { admin = { name = "fpa", policies = [] } }
    teams = {
      fpa = { okta_group = "aws-fpa", hub_role = "fpa", hub_policies = [], hub_statements = [], reach = { ops = ["admin"] } }
    }
  }

  expect_failures = [output.spoke_roles]
}

run "no_role_is_assumed_across_partitions" {
  command = plan

  variables {
    account = "gov"
    teams = {
      fpa = { okta_group = "aws-fpa", hub_role = "fpa", hub_policies = [], hub_statements = [], reach = { gov = ["admin"] } }
    }
  }

  expect_failures = [output.spoke_roles]
}

run "an_account_that_is_none_is_refused" {
  command = plan

  variables {
    account = "default"
  }

  expect_failures = [var.account]
}
