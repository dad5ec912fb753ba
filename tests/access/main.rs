//! Who has access to what: `dotfiles.access` and `dotfiles.terraform` by the real binary, and the
//! sample's Terraform by the real terraform.

#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test is itself the outside world, and one that cannot be set up fails"
)]

#[path = "../common/mod.rs"]
mod common;

mod documents;
mod formats;
mod iam;
mod refused;
mod since;
mod variables;

use common::{Run, Sandbox};

/// A small company, with one of each kind.
const ACME: &str = r#"[okta]
domain = "acme.okta.com"
app = "home/amazon_aws/0oa1b2c3d4/272"

[hub]
account = "ops"
session = "12h"

[profiles]
default_role = "admin"

[accounts]
ops  = { id = "111111111111" }
dev  = { id = "222222222222", env = "dev" }
prod = { id = "444444444444", env = "prod", region = "eu-central-1" }

[roles]
admin    = { policies = ["AdministratorAccess"], name = "Administrator" }
readonly = { policies = ["ReadOnlyAccess"], session = "30m" }

[teams.foundation]
okta_group = "aws-foundation"
grants = [
  { roles = ["admin", "readonly"], accounts = "*" },
  { roles = "readonly", accounts = ["prod", "ops"] },
]

[teams.data]
okta_group = "aws-data"
hub_role = "data-people"
grants = [
  { roles = "admin", accounts = { env = "dev" } },
]

[teams.fpa]
okta_group = "aws-fpa"
hub_policies = ["job-function/Billing"]
hub_statements = [
  { Effect = "Allow", Action = ["ec2:DescribeReservedInstances*"], Resource = "*" },
]
"#;

/// `robo dotfiles.access` and its like, in a folder with this catalogue.
fn with_catalog<const N: usize>(sandbox: &Sandbox, catalog: &str, args: [&str; N]) -> Run {
    sandbox.write("repo/aws/catalog.toml", catalog);
    sandbox.robo(args).folder(sandbox.path("repo"))
}

/// What is on stdout; stderr stays empty.
#[track_caller]
fn printed<const N: usize>(catalog: &str, args: [&str; N]) -> String {
    let output = with_catalog(&Sandbox::new(), catalog, args).run().exits(0);
    assert_eq!(output.stderr, "", "{output}");
    output.stdout
}
