//! How a plan is drawn: by throws of dice whose seed is the plan's.

use std::collections::BTreeSet;

use nix::sys::signal::Signal;

use crate::dice::Dice;
use crate::plan::{
    Act, Change, Command, Hazard, Kind, Limit, Mistake, PROCESSES, Plan, Round, SPOTS, Spot,
    Trouble, When, Whom, Wrong,
};

const HAZARDS: [Hazard; 5] =
    [Hazard::Kills, Hazard::Disk, Hazard::Network, Hazard::Mistakes, Hazard::Logout];

impl Plan {
    pub(crate) fn new(seed: u64, rounds: usize) -> Self {
        let mut dice = Dice::new(seed);
        let set_up = !dice.once_in(3);
        let rounds = (0..rounds).map(|number| Round::new(&mut dice, number, rounds)).collect();
        Self { seed, set_up, rounds }
    }
}

impl Round {
    /// The first round is calm, so that it is seen what happens without any trouble; the last has
    /// all of it.
    fn new(dice: &mut Dice, number: usize, of: usize) -> Self {
        let chosen = HAZARDS.map(|hazard| (hazard, dice.once_in(2)));
        let hazards: BTreeSet<Hazard> = chosen
            .into_iter()
            .filter(|(_, chosen)| number > 0 && (*chosen || number + 1 == of))
            .map(|(hazard, _)| hazard)
            .collect();
        let cold = number == 0 || !dice.once_in(4);
        let push = dice.once_in(2) && !hazards.contains(&Hazard::Disk);
        let commands = (0..PROCESSES).map(|_| command(dice, &hazards)).collect();
        let crowd = dice.one_of(&[10, 20, 30, PROCESSES]);
        let wave = dice.one_of(&[5, 10, PROCESSES]);
        let acts = acts(dice, &hazards);
        Self { hazards, cold, push, commands, crowd, wave, acts }
    }
}

fn command(dice: &mut Dice, hazards: &BTreeSet<Hazard>) -> Command {
    let kind = match dice.between(1, 100) {
        1..=16 => Kind::Exec,
        17..=24 => Kind::Credentials,
        25..=28 => Kind::Uncached,
        29..=34 => Kind::Env,
        35..=38 => Kind::Login,
        39..=42 => Kind::Explain,
        40..=46 if hazards.contains(&Hazard::Logout) => Kind::Logout,
        43..=45 if !hazards.is_empty() => Kind::Logout,
        43..=48 => Kind::Add,
        49..=66 => Kind::Config,
        67..=70 => Kind::ConfigOffline,
        71..=75 => Kind::ConfigCheck,
        76..=78 => Kind::ConfigDryRun,
        79..=82 => Kind::List,
        83..=84 => Kind::Backups,
        85..=86 => Kind::Doctor,
        87..=92 => Kind::Task,
        93..=95 => Kind::Tasks,
        96..=97 => Kind::Lint,
        _ => Kind::Completion,
    };
    let profile = dice.one_of(&["okta-hub", "dev", "prod", "reader"]);
    let (blocks, chance) = (dice.one_of(&[0, 1, 1, 2, 4]), dice.once_in(6));
    let (kills, full) = (hazards.contains(&Hazard::Kills), hazards.contains(&Hazard::Disk));
    let deadly = kills && (!full || dice.once_in(2));
    let limit = ((kills || full) && chance).then_some(Limit { blocks, deadly });
    Command { kind, profile, limit }
}

/// What happens, in its order.
fn acts(dice: &mut Dice, hazards: &BTreeSet<Hazard>) -> Vec<(When, Act)> {
    let mut acts = Vec::new();
    if hazards.contains(&Hazard::Network) {
        for _ in 0..dice.between(1, 3) {
            acts.push((When::Now, Act::Fault(trouble(dice))));
        }
    }
    let mut incidents = vec![Act::Upstream(Change::Next)];
    for _ in 0..dice.between(1, 3) {
        incidents.push(Act::Upstream(dice.one_of(&[Change::Next, Change::Amend, Change::Rewrite])));
    }
    for hazard in hazards {
        let most = if *hazard == Hazard::Kills { 7 } else { 4 };
        for _ in 0..dice.between(2, most) {
            incidents.push(incident(dice, *hazard));
        }
    }
    // In any order.
    for place in (1..incidents.len()).rev() {
        let other = usize::try_from(dice.between(0, place as u64)).unwrap();
        incidents.swap(place, other);
    }
    acts.extend(incidents.into_iter().map(|act| (when(dice, &act), act)));
    acts
}

fn incident(dice: &mut Dice, hazard: Hazard) -> Act {
    match hazard {
        Hazard::Kills => kill(dice),
        Hazard::Disk if dice.once_in(2) => Act::Free,
        Hazard::Disk => Act::Fill(dice.one_of(&[0, 0, 1, 2, 5])),
        Hazard::Network if dice.once_in(4) => Act::Mend,
        Hazard::Network => Act::Fault(trouble(dice)),
        Hazard::Mistakes => {
            let mistakes = [
                Mistake::TwiceTheSameKey,
                Mistake::NotText,
                Mistake::NoTeam,
                Mistake::Circle,
                Mistake::Manifest,
            ];
            Act::Upstream(Change::Mistake(dice.one_of(&mistakes)))
        }
        Hazard::Logout => Act::EndSessions,
    }
}

fn kill(dice: &mut Dice) -> Act {
    let signals = [Signal::SIGKILL, Signal::SIGKILL, Signal::SIGINT, Signal::SIGTERM];
    let (signal, number) = (dice.one_of(&signals), dice.throw());
    let places = [
        "okta POST /api/v1/authn",
        "okta GET /home*",
        "okta GET*",
        "sts AssumeRoleWithSAML",
        "sts AssumeRole",
    ];
    match dice.between(1, 10) {
        1..=4 => {
            let place = dice.one_of(&places);
            let lock = if place == "sts AssumeRole" { "role-" } else { "login-" };
            Act::SignalAt(place, signal, Whom::Holder(lock, number))
        }
        5..=6 => {
            let lock = dice.one_of(&["config-", "dotfiles", "backups", "login-", "role-"]);
            Act::Signal(signal, Whom::Holder(lock, number))
        }
        7 => Act::Signal(Signal::SIGKILL, Whom::Git),
        8 => Act::Signal(signal, Whom::Fetcher),
        _ => Act::Signal(signal, Whom::Anybody(number)),
    }
}

fn when(dice: &mut Dice, act: &Act) -> When {
    let few = |dice: &mut Dice, most| usize::try_from(dice.between(1, most)).unwrap();
    if let Act::Signal(_, whom) = act {
        match whom {
            Whom::Git | Whom::Fetcher => return When::Gits(few(dice, 3)),
            Whom::Holder("config-" | "backups", _) => {
                return When::Appears(dice.one_of(&[Spot::Config, Spot::Bases, Spot::Backups]));
            }
            Whom::Holder("dotfiles", _) => return When::Appears(Spot::Packs),
            _ => {}
        }
    }
    match dice.between(1, 8) {
        1..=2 => When::Now,
        3..=4 => When::Calls(dice.between(1, 5)),
        5 => When::Gits(few(dice, 3)),
        6 => When::Appears(dice.one_of(&SPOTS)),
        _ => When::Ended(few(dice, 3)),
    }
}

fn trouble(dice: &mut Dice) -> Trouble {
    let on = dice.one_of(&[
        "okta POST /api/v1/authn",
        "okta POST*",
        "okta GET /home*",
        "okta GET*",
        "okta*",
        "sts AssumeRoleWithSAML",
        "sts AssumeRole",
        "sts*",
        "signin*",
    ]);
    let aws = [Wrong::Throttle, Wrong::Expired];
    let any = [
        Wrong::DropBefore,
        Wrong::DropAfter,
        Wrong::Delay(dice.between(1, 60)),
        Wrong::Status(dice.one_of(&[500, 502, 503, 404])),
        Wrong::RateLimit,
        Wrong::Truncate(usize::try_from(dice.between(0, 2000)).unwrap()),
        Wrong::Noise(usize::try_from(dice.between(0, 5000)).unwrap()),
        Wrong::Elsewhere,
    ];
    let what = if on.starts_with("sts") && dice.once_in(3) {
        dice.one_of(&aws)
    } else {
        dice.one_of(&any)
    };
    Trouble { on, from: dice.between(1, 4), count: dice.between(1, 3), what }
}
