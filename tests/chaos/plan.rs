//! What is to happen: a pure function of the seed. When exactly it happens is the machine's doing.

use std::collections::BTreeSet;

use nix::sys::signal::Signal;

/// So many processes run in a round.
pub(crate) const PROCESSES: usize = 50;

/// Everything that is done to one home.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    /// Whether the team's config was applied before the first round.
    pub(crate) set_up: bool,
    pub(crate) rounds: Vec<Round>,
}

/// One round: fifty processes, and what goes wrong meanwhile.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Round {
    pub(crate) hazards: BTreeSet<Hazard>,
    /// Whether everybody is signed out when it begins.
    pub(crate) cold: bool,
    /// Whether Okta asks for a second factor.
    pub(crate) push: bool,
    /// In the order in which they start.
    pub(crate) commands: Vec<Command>,
    /// So many run at a time, as long as there are more to come.
    pub(crate) crowd: usize,
    /// And so many start at once.
    pub(crate) wave: usize,
    pub(crate) acts: Vec<(When, Act)>,
}

/// A kind of trouble. What a round may end with depends on which it has.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Hazard {
    /// Processes are killed, by all signals and at a limit of their files' size.
    Kills,
    /// The disk is full, and files may not grow.
    Disk,
    /// Okta and AWS do not answer as they should.
    Network,
    /// Upstream has commits that are refused.
    Mistakes,
    /// Somebody forgets the sessions while others use them.
    Logout,
}

/// A process.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Command {
    pub(crate) kind: Kind,
    pub(crate) profile: &'static str,
    pub(crate) limit: Option<Limit>,
}

/// A limit of the size of each file that a process writes (`RLIMIT_FSIZE`).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Limit {
    /// In the shell's own units, of 512 or 1024 bytes.
    pub(crate) blocks: u64,
    /// Whether the kernel kills who goes beyond it, in the middle of the write; else the write
    /// fails (EFBIG), as on a full disk.
    pub(crate) deadly: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Exec,
    Credentials,
    /// As [`Kind::Credentials`], with `--no-cache`.
    Uncached,
    Env,
    Login,
    Explain,
    Logout,
    Add,
    Config,
    ConfigOffline,
    ConfigCheck,
    ConfigDryRun,
    List,
    Backups,
    Doctor,
    Task,
    Tasks,
    Lint,
    Completion,
}

impl Kind {
    /// Whether it gets credentials, and so may sign in.
    pub(crate) fn signs_in(self) -> bool {
        matches!(self, Self::Exec | Self::Credentials | Self::Uncached | Self::Env | Self::Login)
    }

    /// Whether a program could read what it prints, which is nothing else then.
    pub(crate) fn has_product(self) -> bool {
        self.signs_in() || matches!(self, Self::Explain | Self::List | Self::Task)
    }
}

/// The event that an act waits for, counted from the act before; but it does not wait while more
/// than [`MOST_ENDS`] processes end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum When {
    Now,
    /// Okta, AWS and the console are called so often.
    Calls(u64),
    /// So many processes end.
    Ended(usize),
    /// git is started so often.
    Gits(usize),
    /// A file appears at a place.
    Appears(Spot),
}

/// What does not come while so many processes end is not waited for any longer.
pub(crate) const MOST_ENDS: usize = 4;

/// A folder that robo writes to.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Spot {
    Config,
    Bases,
    Backups,
    Vault,
    Cache,
    Tasks,
    Packs,
}

pub(crate) const SPOTS: [Spot; 7] =
    [Spot::Config, Spot::Bases, Spot::Backups, Spot::Vault, Spot::Cache, Spot::Tasks, Spot::Packs];

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Act {
    Signal(Signal, Whom),
    /// Requests to an endpoint are held until one has come; then somebody gets a signal.
    SignalAt(&'static str, Signal, Whom),
    /// From now on an endpoint does this.
    Fault(Trouble),
    /// All endpoints are well again.
    Mend,
    /// The disk is full, but for so many pages.
    Fill(u64),
    /// It is not any more.
    Free,
    /// An administrator ends all sessions at Okta.
    EndSessions,
    Upstream(Change),
}

/// Who gets a signal. Numbers are taken round those who run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Whom {
    Anybody(u64),
    /// Who holds a lock whose name begins so; else anybody.
    Holder(&'static str, u64),
    /// The git that was started last, and not the robo that waits for it.
    Git,
    /// The robo that started a git last.
    Fetcher,
}

/// Something wrong at an endpoint, from its `from`th request on, `count` times.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Trouble {
    pub(crate) on: &'static str,
    pub(crate) from: u64,
    pub(crate) count: u64,
    pub(crate) what: Wrong,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Wrong {
    DropBefore,
    DropAfter,
    Delay(u64),
    Status(u16),
    RateLimit,
    Truncate(usize),
    Noise(usize),
    Throttle,
    Expired,
    Elsewhere,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Change {
    /// A good commit on top.
    Next,
    /// The last commit is another one.
    Amend,
    /// A history that has nothing in common with the old one, of which nothing is left.
    Rewrite,
    /// A commit that robo refuses.
    Mistake(Mistake),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Mistake {
    TwiceTheSameKey,
    NotText,
    NoTeam,
    Circle,
    Manifest,
}

impl Round {
    pub(crate) fn has(&self, hazard: Hazard) -> bool {
        self.hazards.contains(&hazard)
    }
}
