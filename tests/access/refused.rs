//! What `dotfiles.access` and `dotfiles.terraform` do not do, and what they say.

use crate::common::{Sandbox, Upstream};
use crate::{ACME, with_catalog};

#[track_caller]
fn refused<const N: usize>(catalog: &str, args: [&str; N], status: i32, stderr: &str) {
    let sandbox = Sandbox::new();
    sandbox.refused(with_catalog(&sandbox, catalog, args), status, stderr);
}

#[test]
fn a_name_that_is_nowhere_is_exit_2_with_the_nearest() {
    refused(
        ACME,
        ["dotfiles.access", "--team", "fondation"],
        2,
        "error: there is no team 'fondation' in aws/catalog.toml\n  hint: did you mean 'foundation'?\n",
    );
    refused(
        ACME,
        ["dotfiles.access", "--account", "999999999999"],
        2,
        "error: there is no account '999999999999' in aws/catalog.toml\n  hint: its accounts: dev, ops, prod\n",
    );
    refused(
        ACME,
        ["dotfiles.access", "--role", "Administrator"],
        2,
        "error: there is no role 'Administrator' in aws/catalog.toml\n  hint: its roles: admin, readonly\n",
    );
    refused(
        ACME,
        ["dotfiles.access", "--role", "\u{1b}[2J"],
        2,
        "error: there is no role '\\u{1b}[2J' in aws/catalog.toml\n  hint: its roles: admin, readonly\n",
    );
}

#[test]
fn changes_are_no_spreadsheet_and_no_page() {
    for format in ["--format=csv", "--format=html"] {
        refused(
            ACME,
            ["dotfiles.access", "--since", "HEAD", format],
            2,
            "error: what changed is printed as table, json or markdown\n  \
             hint: leave out --since for the access that there is now\n",
        );
    }
    let sandbox = Sandbox::new();
    let run = with_catalog(&sandbox, ACME, ["dotfiles.access", "--json", "--format=csv"]);
    run.run().exits(2).says("cannot be used with");
}

#[test]
fn a_folder_without_a_catalogue_says_where_it_would_be() {
    for command in ["dotfiles.access", "dotfiles.terraform"] {
        let sandbox = Sandbox::new();
        sandbox.write("repo/robo.toml", "[aws]\ncatalog = \"who.toml\"\n");
        sandbox.refused(
            sandbox.robo([command]).folder(sandbox.path("repo")),
            1,
            "error: there is no who.toml in '.'\n  hint: run robo in the folder of the dotfiles repo; \
             '[aws] catalog' in its robo.toml says where the catalogue is\n",
        );
    }
}

#[test]
fn a_catalogue_with_a_mistake_is_told_by_its_line() {
    let catalog = ACME.replace("accounts = { env = \"dev\" }", "accounts = [\"dve\"]");
    for command in ["dotfiles.access", "dotfiles.terraform"] {
        let sandbox = Sandbox::new();
        let output = with_catalog(&sandbox, &catalog, [command]).run().exits(1);
        assert_eq!(output.stdout, "");
        output.says("error: aws/catalog.toml:32: ").says("(did you mean 'dev'?)");
    }
}

#[test]
fn a_ref_that_is_none_is_refused() {
    refused(
        ACME,
        ["dotfiles.access", "--since=--upload-pack=x"],
        2,
        "error: '--upload-pack=x' is no branch, tag or commit\n",
    );
    refused(ACME, ["dotfiles.access", "--since="], 2, "error: '' is no branch, tag or commit\n");
    let sandbox = Sandbox::new();
    let upstream = Upstream::new(&sandbox);
    upstream.commit("first", [("aws/catalog.toml", ACME)]);
    let output = sandbox.robo(["dotfiles.access", "--since", "nowhere"]).folder(upstream.path());
    let output = output.run().exits(1);
    output
        .says("error: there is no commit 'nowhere' in <sandbox>".replace("<sandbox>", &sandbox.root().to_string_lossy()).as_str())
        .says("hint: was it fetched? In CI the whole history is there only if it is asked for (fetch-depth: 0)\n");
}

#[test]
fn a_folder_that_is_in_no_repo_has_no_history() {
    let sandbox = Sandbox::new();
    let run = with_catalog(&sandbox, ACME, ["dotfiles.access", "--since", "HEAD"]);
    let output = run.run().exits(1);
    output
        .says("error: cannot look into the history of .\n")
        .says("hint: it is in no git repo, and only git knows what was before\n");
}

#[test]
fn a_catalogue_that_was_wrong_then_is_told_with_its_commit() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::new(&sandbox);
    upstream.commit("first", [("aws/catalog.toml", "[hub]\naccount = \"ops\"\n")]);
    upstream.commit("second", [("aws/catalog.toml", ACME)]);
    let run = sandbox.robo(["dotfiles.access", "--since", "HEAD~1"]).folder(upstream.path());
    let output = run.run().exits(1);
    let said = sandbox.redact(&output.stderr);
    assert!(said.starts_with("error: <commit>:aws/catalog.toml:2: "), "{said}");
}

#[test]
fn terraform_needs_the_okta_org_and_its_app() {
    let without = |key: &str| -> String {
        ACME.lines().filter(|line| !line.starts_with(key)).map(|line| format!("{line}\n")).collect()
    };
    refused(
        &without("domain"),
        ["dotfiles.terraform"],
        1,
        "error: Terraform needs Okta's domain, and nothing here says it\n  \
         hint: write domain = \"acme.okta.com\" under [okta] in the catalogue or in robo.toml\n",
    );
    refused(
        &without("app"),
        ["dotfiles.terraform"],
        1,
        "error: Terraform needs Okta's app, and nothing here says it\n  hint: write \
         app = \"home/amazon_aws/0oa1b2c3d4/272\" under [okta] in the catalogue or in robo.toml\n",
    );
}
