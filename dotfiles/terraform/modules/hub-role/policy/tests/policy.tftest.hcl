variables {
  partition      = "aws"
  hub_account_id = "111111111111"
  saml_provider  = "okta"
  spoke_role_arns = [
    "arn:aws:iam::444444444444:role/ReadOnly",
    "arn:aws:iam::222222222222:role/Administrator",
    "arn:aws:iam::444444444444:role/ReadOnly",
  ]
}

run "trusts_the_saml_provider_alone_and_its_audience" {
  command = plan

  assert {
    condition = jsondecode(output.trust) == {
      Version = "2012-10-17"
      Statement = [{
        Sid       = "PeopleOfOkta"
        Effect    = "Allow"
        Principal = { Federated = "arn:aws:iam::111111111111:saml-provider/okta" }
        Action    = "sts:AssumeRoleWithSAML"
        Condition = { StringEquals = { "SAML:aud" = "https://signin.aws.amazon.com/saml" } }
      }]
    }
    error_message = output.trust
  }
}

run "may_assume_exactly_its_spoke_roles" {
  command = plan

  assert {
    condition = { for number, text in output.assume : number => jsondecode(text) } == {
      "01" = {
        Version = "2012-10-17"
        Statement = [{
          Sid    = "RolesOfTheTeam"
          Effect = "Allow"
          Action = "sts:AssumeRole"
          Resource = [
            "arn:aws:iam::222222222222:role/Administrator",
            "arn:aws:iam::444444444444:role/ReadOnly",
          ]
        }]
      }
    }
    error_message = jsonencode(output.assume)
  }

  assert {
    condition     = output.own == null && length(output.policy_arns) == 0
    error_message = "It may do nothing in the hub itself."
  }
}

run "a_team_of_the_hub_reaches_no_spoke" {
  command = plan

  variables {
    spoke_role_arns = []
    policies        = ["job-function/Billing"]
    statements      = ["{\"Effect\":\"Allow\",\"Action\":\"ec2:DescribeReservedInstances\",\"Resource\":\"*\"}"]
  }

  assert {
    condition     = length(output.assume) == 0
    error_message = jsonencode(output.assume)
  }

  assert {
    condition     = output.policy_arns == toset(["arn:aws:iam::aws:policy/job-function/Billing"])
    error_message = jsonencode(output.policy_arns)
  }

  assert {
    condition = jsondecode(output.own) == {
      Version   = "2012-10-17"
      Statement = [{ Effect = "Allow", Action = "ec2:DescribeReservedInstances", Resource = "*" }]
    }
    error_message = output.own
  }
}

run "what_is_too_long_for_one_policy_becomes_several" {
  command = plan

  variables {
    spoke_role_arns = [for number in range(1000) : format("arn:aws:iam::%012d:role/Administrator", number)]
  }

  assert {
    condition     = alltrue([for text in values(output.assume) : length(text) <= 6144])
    error_message = jsonencode([for text in values(output.assume) : length(text)])
  }

  assert {
    condition     = sort(flatten([for text in values(output.assume) : jsondecode(text).Statement[0].Resource])) == sort(var.spoke_role_arns)
    error_message = "An ARN was lost, or came twice."
  }

  assert {
    condition     = length(output.assume) == 8
    error_message = length(output.assume)
  }
}

run "each_partition_has_its_audience" {
  command = plan

  variables {
    partition       = "aws-us-gov"
    spoke_role_arns = []
  }

  assert {
    condition     = jsondecode(output.trust).Statement[0].Condition.StringEquals["SAML:aud"] == "https://signin.amazonaws-us-gov.com/saml"
    error_message = output.trust
  }
}

run "a_partition_that_is_none_is_refused" {
  command = plan

  variables {
    partition = "aws-moon"
  }

  expect_failures = [var.partition]
}

run "a_wildcard_is_no_role" {
  command = plan

  variables {
    spoke_role_arns = ["arn:aws:iam::*:role/Administrator"]
  }

  expect_failures = [var.spoke_role_arns]
}
