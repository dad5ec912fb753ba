variables {
  partition      = "aws"
  hub_account_id = "111111111111"
  hub_role_names = ["foundation", "data"]
  policies       = ["ReadOnlyAccess"]
}

run "trusts_the_granted_roles_of_the_hub_and_nobody_else" {
  command = plan

  assert {
    condition = jsondecode(output.trust) == {
      Version = "2012-10-17"
      Statement = [{
        Sid       = "RolesOfTheHub"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:root" }
        Action    = "sts:AssumeRole"
        Condition = {
          ArnEquals = {
            "aws:PrincipalArn" = [
              "arn:aws:iam::111111111111:role/data",
              "arn:aws:iam::111111111111:role/foundation",
            ]
          }
        }
      }]
    }
    error_message = output.trust
  }
}

run "the_order_of_the_names_is_of_no_matter" {
  command = plan

  variables {
    hub_role_names = ["data", "foundation", "data"]
  }

  assert {
    condition     = output.trust == run.trusts_the_granted_roles_of_the_hub_and_nobody_else.trust
    error_message = output.trust
  }
}

run "a_role_that_nobody_may_assume_is_refused" {
  command = plan

  variables {
    hub_role_names = []
  }

  expect_failures = [var.hub_role_names]
}

run "a_wildcard_is_no_name" {
  command = plan

  variables {
    hub_role_names = ["data", "*"]
  }

  expect_failures = [var.hub_role_names]
}

run "an_account_that_is_none_is_refused" {
  command = plan

  variables {
    hub_account_id = "*"
  }

  expect_failures = [var.hub_account_id]
}

run "policies_are_of_the_partition_unless_they_are_arns" {
  command = plan

  variables {
    partition = "aws-us-gov"
    policies  = ["job-function/Billing", "arn:aws-us-gov:iam::555555555555:policy/own"]
  }

  assert {
    condition = output.policy_arns == toset([
      "arn:aws-us-gov:iam::aws:policy/job-function/Billing",
      "arn:aws-us-gov:iam::555555555555:policy/own",
    ])
    error_message = jsonencode(output.policy_arns)
  }

  assert {
    condition     = strcontains(output.trust, "arn:aws-us-gov:iam::111111111111:root")
    error_message = output.trust
  }
}

run "iam_takes_no_maximum_below_an_hour" {
  command = plan

  variables {
    session_seconds = 900
  }

  assert {
    condition     = output.max_session_duration == 3600
    error_message = output.max_session_duration
  }
}

run "a_partition_that_is_none_is_refused" {
  command = plan

  variables {
    partition = "aws*"
  }

  expect_failures = [var.partition]
}
