//! The playing of a round: processes are started, and what the plan has in store for them happens.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, mpsc};
use std::thread::{self, Scope};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use robo_simulator::scenario::Drop as Dropped;
use robo_simulator::{Counts, Factor, Fault, Simulator};

use crate::common::{Office, Output, PATIENCE};
use crate::company::Company;
use crate::disk::SmallDisk;
use crate::holder;
use crate::plan::{Act, MOST_ENDS, Round, SPOTS, Spot, Trouble, When, Whom, Wrong};
use crate::process::{End, Launcher, Suffered};
use crate::scene::{Scene, State};
use crate::watch::Watch;

/// All that a round is played with.
pub(crate) struct Stage<'a> {
    pub(crate) office: &'a Office,
    pub(crate) company: &'a Company<'a>,
    pub(crate) disk: Option<&'a SmallDisk>,
    pub(crate) launcher: Launcher<'a>,
    /// The FIFO by which gits tell that they start.
    pub(crate) gits: PathBuf,
}

/// What came of a round.
pub(crate) struct Played {
    pub(crate) ends: Vec<End>,
    /// Calls that a fault hit.
    pub(crate) hits: u64,
    /// How often an administrator ended all sessions.
    pub(crate) sessions_ended: u64,
    /// Whether upstream had no mistake at any time.
    pub(crate) fine: bool,
}

/// What is kept while a round goes on.
#[derive(Default)]
struct Going {
    ends: Mutex<Vec<End>>,
    suffered: Mutex<BTreeMap<usize, Suffered>>,
}

impl<'a> Stage<'a> {
    pub(crate) fn new(
        office: &'a Office,
        company: &'a Company<'a>,
        disk: Option<&'a SmallDisk>,
    ) -> Self {
        let sandbox = &office.sandbox;
        let [alive, gits, bin] = ["alive", "gits", "bin"].map(|name| sandbox.root().join(name));
        for fifo in [&alive, &gits] {
            sandbox.program("mkfifo", [fifo]).run().exits(0);
        }
        fs::create_dir(&bin).unwrap();
        let path = std::env::var("PATH").unwrap_or_default();
        let script = format!(
            "#!/bin/sh\necho $PPID $$ >>'{}'\nPATH='{path}' exec git \"$@\"\n",
            gits.display()
        );
        fs::write(bin.join("git"), script).unwrap();
        sandbox.program("chmod", ["+x"]).arg(bin.join("git")).run().exits(0);
        let (url, work_tree) = (company.upstream.url(), company.upstream.path().to_owned());
        let launcher = Launcher { office, url, work_tree, bin, alive };
        Self { office, company, disk, launcher, gits }
    }

    pub(crate) fn play(&self, round: &Round) -> Played {
        let simulator = &self.office.simulator;
        simulator.scenario(|scenario| {
            let push = Factor::push().polls(["SUCCESS"]);
            scenario.user().factors = if round.push { vec![push] } else { Vec::new() };
        });
        let mut played = Played {
            ends: Vec::new(),
            hits: 0,
            sessions_ended: 0,
            fine: !self.company.mistaken.get(),
        };
        let (scene, going) = (Scene::new(simulator.counts()), Going::default());
        let folders: Vec<(Spot, PathBuf)> =
            SPOTS.iter().map(|spot| (*spot, self.folder(*spot))).collect();
        let bell = self.office.sandbox.root().join("bell");
        fs::create_dir_all(&bell).unwrap();
        let watch = Watch::new(&folders, &bell);
        let alive = File::options().read(true).write(true).open(&self.launcher.alive).unwrap();
        let (over, gits) = (&AtomicBool::new(false), &self.gits);
        thread::scope(|scope| {
            let _curtain = Curtain { stage: self, scene: &scene, bell: &bell, over };
            scope.spawn(|| hear_calls(simulator, &scene, over));
            scope.spawn(|| hear_gits(gits, &scene));
            scope.spawn(|| watch.run(&scene));
            let mut left = round.commands.iter().copied().enumerate();
            let mut full = false;
            // Waits until it is so, and sees to it meanwhile that there is a crowd.
            let mut until = |what: &dyn fmt::Debug, full: bool, is_so: &dyn Fn(&State) -> bool| {
                loop {
                    let lacking = round.crowd.saturating_sub(scene.look().running.len());
                    for (number, command) in left.by_ref().take(lacking.min(round.wave)) {
                        let suffered = Suffered { full_disk: full, ..Suffered::default() };
                        going.suffered.lock().unwrap().insert(number, suffered);
                        self.start(scope, (&scene, &going), number, command);
                    }
                    let no_more = left.len() == 0;
                    let few = if no_more { 0 } else { round.crowd / 2 };
                    scene.until(what, |state| is_so(state) || state.running.len() <= few);
                    let state = scene.look();
                    if is_so(&state) || (no_more && state.running.is_empty()) {
                        return;
                    }
                }
            };
            for (when, act) in &round.acts {
                let (wanted, most) = {
                    let state = scene.look();
                    (state.so_far(*when) + when.more(), state.ended + MOST_ENDS)
                };
                until(when, full, &|state| state.so_far(*when) >= wanted || state.ended >= most);
                log(&scene, when, act);
                match act {
                    Act::Signal(signal, whom) => self.signal(&scene, &going, *signal, *whom),
                    Act::SignalAt(endpoint, signal, whom) => {
                        let hold = simulator.hold(endpoint);
                        let (before, most) = {
                            let state = scene.look();
                            (state.calls_to(endpoint), state.ended + MOST_ENDS)
                        };
                        until(act, full, &|state| {
                            state.calls_to(endpoint) > before || state.ended >= most
                        });
                        self.signal(&scene, &going, *signal, *whom);
                        hold.release();
                    }
                    Act::Fault(trouble) => {
                        simulator.scenario(|scenario| scenario.faults.push(fault(trouble)));
                    }
                    Act::Mend => played.hits += self.mend(),
                    Act::Fill(pages) => {
                        if let Some(disk) = self.disk {
                            full = true;
                            for number in scene.look().running.keys() {
                                going
                                    .suffered
                                    .lock()
                                    .unwrap()
                                    .entry(*number)
                                    .or_default()
                                    .full_disk = true;
                            }
                            disk.fill(*pages);
                        }
                    }
                    Act::Free => {
                        self.disk.iter().for_each(|disk| disk.free());
                        full = false;
                    }
                    Act::EndSessions => {
                        simulator.end_sessions();
                        played.sessions_ended += 1;
                    }
                    Act::Upstream(change) => {
                        self.company.change(*change);
                        played.fine &= !self.company.mistaken.get();
                    }
                }
            }
            until(&"the end of the round", full, &|_| false);
        });
        self.disk.iter().for_each(|disk| disk.free());
        played.hits += self.mend();
        self.all_are_gone(alive);
        played.ends = going.ends.into_inner().unwrap();
        played.ends.sort_by_key(|end| end.number);
        assert_eq!(played.ends.len(), round.commands.len());
        played
    }

    fn start<'s>(
        &self,
        scope: &'s Scope<'s, '_>,
        (scene, going): (&'s Scene, &'s Going),
        number: usize,
        command: crate::plan::Command,
    ) {
        let run = self.launcher.run(command);
        let mut child = run.spawn();
        scene.change(|state| state.running.insert(number, child.id()));
        scope.spawn(move || {
            if let Some(mut stdin) = child.stdin.take() {
                let _ = stdin.write_all(crate::common::PASSWORD.as_bytes());
            }
            let output = Output::new(&child.wait_with_output().unwrap());
            scene.change(|state| {
                state.running.remove(&number);
                state.ended += 1;
            });
            let suffered = going.suffered.lock().unwrap().remove(&number).unwrap_or_default();
            going.ends.lock().unwrap().push(End { number, command, output, suffered });
        });
    }

    /// Sends a signal to whom the plan says, if there is anybody.
    fn signal(&self, scene: &Scene, going: &Going, signal: Signal, whom: Whom) {
        // Nobody is let go while this is held: an id is of whom it was.
        let state = scene.look();
        let anybody = |number: u64| {
            let count = state.running.len() as u64;
            let nth = usize::try_from(number.checked_rem(count)?).ok()?;
            state.running.iter().nth(nth).map(|(number, id)| (*number, *id))
        };
        let by_id = |wanted: u32| {
            let found = state.running.iter().find(|(_, id)| **id == wanted);
            found.map(|(number, id)| (*number, *id))
        };
        let victim = match whom {
            Whom::Anybody(number) => anybody(number),
            Whom::Holder(lock, number) => {
                let locks = self.office.sandbox.state().join("locks");
                let holder = holder::of(&locks, lock).into_iter().find_map(by_id);
                holder.or_else(|| anybody(number))
            }
            Whom::Git | Whom::Fetcher => state.gits.last().and_then(|(robo, _)| by_id(*robo)),
        };
        let Some((number, robo)) = victim else { return };
        let mut all = going.suffered.lock().unwrap();
        let suffered = all.entry(number).or_default();
        if whom == Whom::Git {
            let git = state.gits.last().map_or(0, |(_, git)| *git);
            if holder::is_child(git, robo) {
                suffered.lost_git = true;
                let _ = kill(id(git), signal);
            }
        } else {
            suffered.signals.push(signal);
            let _ = kill(id(robo), signal);
        }
    }

    /// Ends all faults; gives how many calls they hit.
    fn mend(&self) -> u64 {
        let faults =
            self.office.simulator.scenario(|scenario| std::mem::take(&mut scenario.faults));
        let hits = |fault: &Fault| fault.seen.min(fault.to).saturating_sub(fault.from - 1);
        faults.iter().map(hits).sum()
    }

    fn folder(&self, spot: Spot) -> PathBuf {
        let sandbox = &self.office.sandbox;
        match spot {
            Spot::Config => sandbox.path(".aws"),
            Spot::Bases => sandbox.state().join("bases"),
            Spot::Backups => sandbox.state().join("backups"),
            Spot::Vault => sandbox.state().join("vault/file"),
            Spot::Cache => sandbox.path(".cache/robo/credentials/file"),
            Spot::Tasks => sandbox.state().join("tasks"),
            Spot::Packs => sandbox.path(".local/share/robo/dotfiles.git/objects/pack"),
        }
    }

    /// Waits until whatever the processes have started has ended too: each of them holds the FIFO
    /// open.
    fn all_are_gone(&self, alive: File) {
        let mut reader = File::open(&self.launcher.alive).unwrap();
        drop(alive);
        let (tell, told) = mpsc::channel();
        thread::spawn(move || tell.send(reader.read_to_end(&mut Vec::new())));
        let gone = told.recv_timeout(PATIENCE);
        assert!(gone.is_ok(), "something that a robo has started is still there");
    }
}

/// Falls at the end of a round, however it ends: nobody waits for anything any more.
struct Curtain<'a> {
    stage: &'a Stage<'a>,
    scene: &'a Scene,
    bell: &'a Path,
    over: &'a AtomicBool,
}

impl Drop for Curtain<'_> {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        let running: Vec<u32> = self.scene.look().running.values().copied().collect();
        for process in running {
            let _ = kill(id(process), Signal::SIGKILL);
        }
        self.stage.office.simulator.scenario(|_| ());
        let _ = File::options()
            .append(true)
            .open(&self.stage.gits)
            .and_then(|mut fifo| fifo.write_all(b"over\n"));
        let _ = fs::write(self.bell.join("rings"), "")
            .and_then(|()| fs::remove_file(self.bell.join("rings")));
    }
}

fn hear_calls(simulator: &Simulator, scene: &Scene, over: &AtomicBool) {
    let mut seen = simulator.counts().all();
    while !over.load(Ordering::SeqCst) {
        scene.change(|state| state.counts = simulator.counts());
        let more = |counts: &Counts| counts.all() > seen || over.load(Ordering::SeqCst);
        simulator.wait_for(more, PATIENCE);
        seen = simulator.counts().all();
    }
}

fn hear_gits(gits: &Path, scene: &Scene) {
    let fifo = File::options().read(true).write(true).open(gits).unwrap();
    for line in BufReader::new(fifo).lines() {
        let line = line.unwrap();
        let Some((robo, git)) = line.split_once(' ') else { break };
        let ids = (robo.parse().unwrap(), git.parse().unwrap());
        scene.change(|state| state.gits.push(ids));
    }
}

fn id(process: u32) -> Pid {
    Pid::from_raw(i32::try_from(process).unwrap())
}

/// Says what happens, for whoever reads the output of a failure.
fn log(scene: &Scene, when: &When, act: &Act) {
    let state = scene.look();
    let (running, ended) = (state.running.len(), state.ended);
    let seconds = scene.since.elapsed().as_secs_f32();
    eprintln!("chaos: {seconds:.1} s: {when:?}: {act:?} ({running} run, {ended} ended)");
}

fn fault(trouble: &Trouble) -> Fault {
    let fault = Fault::on(trouble.on);
    let mut fault = match trouble.what {
        Wrong::DropBefore => fault.drop(Dropped::Before),
        Wrong::DropAfter => fault.drop(Dropped::After),
        Wrong::Delay(milliseconds) => fault.latency(milliseconds),
        Wrong::Status(status) => fault.page(status, "<html>no</html>"),
        Wrong::RateLimit => fault.rate_limit(1),
        Wrong::Truncate(bytes) => fault.truncate(bytes),
        Wrong::Noise(bytes) => fault.garbage(bytes),
        Wrong::Throttle => fault.aws_error(400, "Throttling", "Rate exceeded"),
        Wrong::Expired => fault.aws_error(403, "ExpiredToken", "The token has expired"),
        Wrong::Elsewhere => fault.redirect("https://evil.example/?q=1"),
    };
    (fault.from, fault.to) = (trouble.from, trouble.from + trouble.count - 1);
    fault
}
