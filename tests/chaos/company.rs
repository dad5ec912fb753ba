//! The company that a home belongs to: its dotfiles repo with all commits that there ever were, and
//! what a person's files have to look like by each.

use std::cell::{Cell, RefCell};
use std::fs;

use crate::common::{Sandbox, Upstream};
use crate::plan::{Change, Mistake};

pub(crate) const TEAM_FILE: &str = "aws/teams/foundation.config";
const TASKS_FILE: &str = "robo.yml";
const REGIONS: [&str; 4] = ["eu-west-1", "eu-central-1", "eu-north-1", "us-east-1"];

/// The upstream repo, whose good commits have numbers.
pub(crate) struct Company<'a> {
    pub(crate) upstream: Upstream<'a>,
    okta_host: String,
    /// How many good commits there were so far.
    pub(crate) versions: Cell<u32>,
    /// Whether the present commit is one that robo refuses.
    pub(crate) mistaken: Cell<bool>,
    /// The ids of all commits.
    pub(crate) commits: RefCell<Vec<String>>,
}

impl<'a> Company<'a> {
    pub(crate) fn new(sandbox: &'a Sandbox, okta_host: String) -> Self {
        let company = Self {
            upstream: Upstream::new(sandbox),
            okta_host,
            versions: Cell::new(0),
            mistaken: Cell::new(false),
            commits: RefCell::default(),
        };
        company.change(Change::Next);
        company
    }

    /// The team's config by a version: values and optional keys differ, and the last section has
    /// another name in each.
    pub(crate) fn team(&self, version: u32) -> String {
        let region = REGIONS[version as usize % REGIONS.len()];
        let output = if version.is_multiple_of(3) { "output = json\n" } else { "" };
        let role = |account: char, name: &str| {
            let account = account.to_string().repeat(12);
            format!("role_arn = arn:aws:iam::{account}:role/{name}\n")
        };
        format!(
            "[okta]\nokta_domain = {}\naws_saml_url = home/amazon_aws/0oa1sim2ula3tor4/272\n\n\
             [profile okta-hub]\n{}\n\
             [profile dev]\n{}source_profile = okta-hub\nregion = {region}\n{output}\n\
             [profile prod]\n{}source_profile = okta-hub\nregion = us-east-1\n\n\
             [profile reader]\n{}source_profile = dev\n\n\
             [profile version-{version}]\nregion = {region}\n",
            self.okta_host,
            role('1', "okta-hub"),
            role('2', "dev"),
            role('3', "prod"),
            role('4', "data/reader"),
        )
    }

    /// What a person has in their file beside the team's part.
    pub(crate) fn mine(round: usize) -> String {
        format!("# mine, in round {round}\n[profile mine]\nregion = us-east-1\n  ; odd\n")
    }

    /// The whole file, with the team's part by a version; version 0 is before the first.
    pub(crate) fn whole(&self, round: usize, version: u32) -> String {
        let mine = Self::mine(round);
        if version == 0 { mine } else { format!("{mine}\n{}", self.team(version)) }
    }

    /// The version that a file's team part is of; nothing for a file that there must not be.
    pub(crate) fn version_of(&self, round: usize, content: &str) -> Option<u32> {
        (0..=self.versions.get()).rev().find(|version| self.whole(round, *version) == content)
    }

    pub(crate) fn tasks(version: u32) -> String {
        format!(
            "hello:\n  summary: says which version it is of\n  command: echo hello v{version}\n"
        )
    }

    pub(crate) fn change(&self, change: Change) {
        let git = |args: &[&str]| drop(self.upstream.git(args));
        match change {
            Change::Next => self.good(),
            Change::Amend => {
                self.write();
                git(&["add", "--all"]);
                git(&["commit", "--quiet", "--amend", "--message", "another one instead"]);
            }
            Change::Rewrite => {
                self.write();
                git(&["add", "--all"]);
                let tree = self.upstream.git(["write-tree"]);
                let anew = self.upstream.git(["commit-tree", "-m", "a new beginning", &tree]);
                // At once, as a server does it.
                git(&["update-ref", "refs/heads/main", &anew]);
                git(&["reflog", "expire", "--expire=now", "--all"]);
                git(&["gc", "--quiet", "--prune=now"]);
            }
            Change::Mistake(mistake) => self.mistake(mistake),
        }
        self.mistaken.set(matches!(change, Change::Mistake(_)));
        self.commits.borrow_mut().push(self.upstream.git(["rev-parse", "HEAD"]));
    }

    fn good(&self) {
        self.write();
        let message = format!("version {}", self.versions.get());
        self.upstream.commit(&message, [("version", message.as_str())]);
    }

    /// Writes the next version into the work tree.
    fn write(&self) {
        let version = self.versions.get() + 1;
        self.versions.set(version);
        let path = |name: &str| self.upstream.path().join(name);
        fs::create_dir_all(path(TEAM_FILE).parent().unwrap()).unwrap();
        fs::write(path(TEAM_FILE), self.team(version)).unwrap();
        fs::write(path(TASKS_FILE), Self::tasks(version)).unwrap();
        let _ = fs::remove_file(path("robo.toml"));
    }

    fn mistake(&self, mistake: Mistake) {
        let team = self.team(self.versions.get());
        // Two of the same are two commits.
        let number = self.commits.borrow().len().to_string();
        let commit = |path: &str, content: &[u8]| {
            self.upstream.commit("a mistake", [(path, content), ("mistake", number.as_bytes())]);
        };
        match mistake {
            Mistake::TwiceTheSameKey => {
                commit(TEAM_FILE, (team + "region = eu-west-1\n").as_bytes());
            }
            Mistake::NotText => {
                commit(TEAM_FILE, &[team.as_bytes(), b"# \xff\xfe\x00\n[profile \xff"].concat());
            }
            Mistake::NoTeam => {
                let _ = fs::remove_file(self.upstream.path().join(TEAM_FILE));
                commit("aws/teams/other.config", team.as_bytes());
            }
            Mistake::Circle => {
                let circle = "role_arn = arn:aws:iam::111111111111:role/okta-hub\n";
                let more = format!("{circle}source_profile = reader\n");
                commit(TEAM_FILE, team.replace(circle, &more).as_bytes());
            }
            Mistake::Manifest => commit("robo.toml", b"[aws]\nteams = \"../{team}\"\n"),
        }
    }
}
