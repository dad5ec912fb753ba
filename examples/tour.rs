//! The whole story in a temporary home: no git host, no Okta org, no AWS account.
//!
//! `cargo run --example tour` turns the sample `dotfiles/` into a git repo, runs `robo aws.config`
//! as a new engineer would, changes the team's config upstream, and runs it again. Then it signs in
//! to a simulated Okta, with a push, and runs commands in a simulated AWS. Nothing outside of the
//! temporary folder is read or written, and nothing leaves this machine.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use robo_simulator::scenario::SamlRole;
use robo_simulator::{Factor, Role, Scenario, Simulator};

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// What the engineer has before robo comes.
const MINE: &str = "# my own, from before\n[profile personal]\nregion = us-east-1\n";

fn main() -> ExitCode {
    // An example's binary is built alone, so the tour is robo too when it is called by that name.
    let name = std::env::args_os().next().map(PathBuf::from);
    if name.as_deref().and_then(Path::file_stem).is_some_and(|name| name == "robo") {
        return robo::cli::main();
    }
    match tour() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("the tour stopped: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn tour() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let stage = Stage::set(folder.path())?;
    let mine = stage.home.join(".aws/config");

    say("\nA new engineer of the team 'foundation' has this:\n");
    stage.run("cat ~/.aws/config")?;
    say(
        "\nThe company's dotfiles repo has the team's profiles, and commands to share. Merge them in:\n",
    );
    stage.run("robo aws.config --dotfiles git@github.com:acme/dotfiles.git --yes")?;
    say("\nHere they are:\n");
    stage.run("robo aws.list")?;

    say("\nThe engineer likes another region in dev, and says why:\n");
    let region = "role/Administrator\nregion = eu-west-1";
    let near = "role/Administrator\n# nearer to me\nregion = eu-west-3";
    stage.edit(&mine, region, near)?;
    stage.run("grep -B3 eu-west-3 ~/.aws/config")?;

    say("\nUpstream, the platform team moves prod and adds a sandbox:\n");
    let catalog = stage.upstream.join("aws/catalog.toml");
    stage.edit(&catalog, "eu-central-1", "eu-north-1")?;
    let sandbox = "\nsandbox = { id = \"555555555555\", env = \"sandbox\" }\n\n[roles]";
    stage.edit(&catalog, "\n\n[roles]", sandbox)?;
    stage.commit("move prod to Stockholm, add a sandbox")?;
    stage.run("robo aws.config --yes")?;

    say("\nOnly what the team changed has changed, and nothing is left to do:\n");
    stage.run("robo aws.config --check")?;
    say("\nEvery file that was replaced is kept:\n");
    stage.run("robo aws.restore")?;

    say("\nNow to use them. The Okta password is stored once, checked and encrypted:\n");
    stage.run(
        "printf %s \"$OKTA_PASSWORD\" | robo aws.add --username you@acme.com --password-stdin",
    )?;
    say("\nThe first command of the day sends a push, trades Okta's assertion for the hub's role,");
    say("and that for the role in dev:\n");
    stage.run("robo aws.exec dev -- sh -c 'echo \"I am $AWS_OKTA_ASSUMED_ROLE in dev\"'")?;
    say("\nFrom then on nobody is asked, and nothing goes over the network:\n");
    stage.run("time robo aws.exec dev -- true")?;
    say("\nAnother account: the hub's role is still good, so one call to AWS does.\n");
    stage.run("robo aws.exec prod -- sh -c 'echo \"and $AWS_OKTA_ASSUMED_ROLE in prod\"'")?;
    say("\nWhat a profile leads to, and who says so:\n");
    stage.run("robo aws.explain prod")?;
    say("\nThe console in the browser, by an address that works for 15 minutes:\n");
    stage.run("robo aws.login dev --service s3 --stdout | cut -c 1-120")?;
    say("\nIs everything in order?\n");
    stage.run("robo aws.doctor")?;
    say("\nThe end of the day:\n");
    stage.run("robo aws.logout")?;
    say(&format!("\nIn all of that, Okta sent {} push.\n", stage.simulator.counts().pushes));
    Ok(())
}

/// The company's Okta and AWS, with the roles that the sample repo speaks of.
fn company() -> Scenario {
    let hub = "arn:aws:iam::111111111111:role/foundation";
    let mut scenario = Scenario::default();
    scenario.saml().roles = vec![SamlRole::new("aws", "111111111111", "foundation")];
    scenario.okta.apps[0].path = "/home/amazon_aws/0oa1b2c3d4/272".to_owned();
    scenario.sts.roles = vec![
        Role::new(hub).trusts("arn:aws:iam::111111111111:saml-provider/okta").max_session(43_200),
        Role::new("arn:aws:iam::222222222222:role/Administrator").trusts(hub),
        Role::new("arn:aws:iam::444444444444:role/Administrator").trusts(hub),
    ];
    *scenario.factor() = Factor::push().number(92);
    scenario
}

/// The temporary home, the upstream repo, and the rest of the company.
struct Stage {
    simulator: Simulator,
    home: PathBuf,
    upstream: PathBuf,
    path: std::ffi::OsString,
}

impl Stage {
    fn set(folder: &Path) -> Result<Self> {
        let (home, bin) = (folder.join("home"), folder.join("bin"));
        let upstream = folder.join("acme").join("dotfiles");
        fs::create_dir_all(home.join(".aws"))?;
        fs::create_dir(&bin)?;
        fs::File::create(home.join(".aws/config"))?.write_all(MINE.as_bytes())?;
        fs::hard_link(std::env::current_exe()?, bin.join("robo"))
            .or_else(|_| fs::copy(std::env::current_exe()?, bin.join("robo")).map(drop))?;
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("dotfiles"), &upstream)?;
        #[expect(clippy::disallowed_methods, reason = "git is found by the person's own PATH")]
        let old_path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths([bin].into_iter().chain(std::env::split_paths(&old_path)))?;
        let simulator = Simulator::start(company());
        simulator.write_ca(home.join("ca.pem"));
        let stage = Self { simulator, home, upstream, path };
        let manifest = stage.upstream.join("robo.toml");
        let okta = format!("\"{}\"", stage.simulator.okta_host());
        stage.edit(&manifest, "\"acme.okta.com\"", &okta)?;
        stage.git(&["init", "--quiet", "--initial-branch=main"])?;
        stage.commit("stage gets its own account")?;
        // To git in this home, GitHub's acme/dotfiles is the folder that was just made.
        let here = format!("url.file://{}.insteadOf", stage.upstream.display());
        stage.git(&["config", "--global", &here, "git@github.com:acme/dotfiles.git"])?;
        Ok(stage)
    }

    /// Shows a command as it would be typed, and runs it in the temporary home.
    fn run(&self, line: &str) -> Result<()> {
        say(&format!("$ {line}"));
        let status = self.command("bash").args(["-c", line]).current_dir(&self.home).status()?;
        if status.success() { Ok(()) } else { Err(format!("'{line}' ended with {status}").into()) }
    }

    fn edit(&self, file: &Path, from: &str, to: &str) -> Result<()> {
        let text = fs::read_to_string(file)?;
        if !text.contains(from) {
            return Err(format!("{} has no {from:?}", file.display()).into());
        }
        fs::File::create(file)?.write_all(text.replacen(from, to, 1).as_bytes())?;
        Ok(())
    }

    fn commit(&self, subject: &str) -> Result<()> {
        self.git(&["add", "--all"])?;
        self.git(&["commit", "--quiet", "--message", subject])
    }

    fn git(&self, args: &[&str]) -> Result<()> {
        let who = ["-c", "user.name=acme-platform", "-c", "user.email=platform@acme.example"];
        let mut git = self.command("git");
        let status = git.arg("-C").arg(&self.upstream).args(who).args(args).status()?;
        if status.success() { Ok(()) } else { Err(format!("git {args:?}: {status}").into()) }
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("PATH", &self.path).env("HOME", &self.home);
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("SEGMENT_TEAM", "foundation");
        command.env("SSL_CERT_FILE", self.home.join("ca.pem"));
        command.env("AWS_ENDPOINT_URL_STS", self.simulator.sts_url());
        command.env("AWS_ENDPOINT_URL_SIGNIN", self.simulator.signin_url());
        command.env("OKTA_PASSWORD", &self.simulator.current_scenario().okta.users[0].password);
        command.env("ROBO_BACKEND", "file").env("ROBO_FILE_PASSPHRASE", "of the tour");
        #[expect(clippy::disallowed_methods, reason = "colours as the person's terminal has them")]
        for name in ["TERM", "NO_COLOR", "COLORTERM"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}

fn say(text: &str) {
    // The commands write to stderr too: one stream keeps the order.
    let _ = writeln!(std::io::stderr(), "{text}");
}
