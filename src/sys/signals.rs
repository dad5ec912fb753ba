//! The signals that mean: stop.

use std::io;
use std::sync::Arc;
#[cfg(unix)]
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// Calls `heard` in a thread of its own, once for each signal: Ctrl-C (though the caller ignores
/// it, as shells do for what they start with `&`: who presses it here means robo), SIGTERM, and
/// SIGHUP unless that is ignored.
#[cfg(unix)]
pub(super) fn listen(mut heard: impl FnMut() + Send + 'static) {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    let hangup = (!hangup_is_ignored()).then_some(SIGHUP);
    // It fails where there are no file descriptors any more. Then signals end robo at once.
    if let Ok(mut signals) = Signals::new([SIGINT, SIGTERM].into_iter().chain(hangup)) {
        std::thread::spawn(move || signals.forever().for_each(|_| heard()));
    }
}

#[cfg(not(unix))]
pub(super) fn listen(heard: impl FnMut() + Send + 'static) {
    let _ = ctrlc::set_handler(heard);
}

/// Hears the signals that are meant for the programs which this process waits for, one after
/// another, until it is dropped.
pub struct HandingOn {
    stopped: Arc<AtomicBool>,
    #[cfg(unix)]
    addressee: Arc<Mutex<Addressee>>,
    #[cfg(unix)]
    handlers: Vec<signal_hook::SigId>,
    /// What is to be handed on and was not yet, by the numbers of the signals.
    #[cfg(unix)]
    news: News,
    #[cfg(unix)]
    ears: Option<(signal_hook::iterator::Handle, std::thread::JoinHandle<()>)>,
}

/// Set by a signal's own handler. The thread that hands on may run late: what came while the program
/// before ran is no business of the next one's, and is taken back here.
#[cfg(unix)]
type News = Arc<[(i32, Arc<AtomicBool>)]>;

/// Whom signals are handed on to.
#[cfg(unix)]
enum Addressee {
    Nobody,
    /// A program that is about to begin, and what came already.
    Unborn(Vec<i32>),
    Process(i32),
}

#[cfg(unix)]
impl Addressee {
    fn hand_on(&mut self, number: i32) {
        use nix::sys::signal::{Signal, kill};

        match (self, Signal::try_from(number)) {
            // It may have ended by itself just now.
            (Self::Process(id), Ok(signal)) => _ = kill(nix::unistd::Pid::from_raw(*id), signal),
            (Self::Unborn(waiting), _) => waiting.push(number),
            _ => {}
        }
    }
}

impl HandingOn {
    /// Begins to hear signals. Ctrl-C ends nothing from here on: the terminal sends it to the
    /// program as well.
    #[cfg(unix)]
    pub fn begin() -> Self {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
        use signal_hook::iterator::Signals;

        let hangup = (!hangup_is_ignored()).then_some(SIGHUP);
        // Set by the signal's own handler, so that it is known when the program's end is.
        let stopped = Arc::new(AtomicBool::new(false));
        let stop = |signal| signal_hook::flag::register(signal, Arc::clone(&stopped)).ok();
        let mut handlers: Vec<_> =
            [SIGINT, SIGTERM].into_iter().chain(hangup).filter_map(stop).collect();
        let handed_on = || [SIGTERM].into_iter().chain(hangup);
        let news: News = handed_on().map(|number| (number, Arc::default())).collect();
        let flags = news.iter().map(|(number, flag)| (*number, Arc::clone(flag)));
        handlers.extend(
            flags.filter_map(|(number, flag)| signal_hook::flag::register(number, flag).ok()),
        );
        let addressee = Arc::new(Mutex::new(Addressee::Unborn(Vec::new())));
        let ears = Signals::new(handed_on()).ok().map(|mut signals| {
            let (handle, addressee, news) =
                (signals.handle(), Arc::clone(&addressee), Arc::clone(&news));
            let hear = move || {
                for number in signals.forever() {
                    let mut addressee = locked(&addressee);
                    if is_news(&news, number) {
                        addressee.hand_on(number);
                    }
                }
            };
            (handle, std::thread::spawn(hear))
        });
        Self { stopped, addressee, handlers, news, ears }
    }

    /// Begins to hear signals.
    #[cfg(not(unix))]
    pub fn begin() -> Self {
        Self { stopped: Arc::default() }
    }

    /// Whether there was a Ctrl-C, or another signal that means: stop.
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }

    /// Keeps what comes from now on for the program that `start` starts, and hands it on.
    pub(super) fn to<T>(&self, start: impl FnOnce() -> io::Result<(T, u32)>) -> io::Result<T> {
        #[cfg(unix)]
        {
            let mut addressee = locked(&self.addressee);
            if matches!(*addressee, Addressee::Nobody) {
                self.news.iter().for_each(|(_, flag)| flag.store(false, Ordering::SeqCst));
                *addressee = Addressee::Unborn(Vec::new());
            }
        }
        let started = start();
        #[cfg(unix)]
        {
            let process = started.as_ref().ok().and_then(|(_, id)| i32::try_from(*id).ok());
            let mut addressee = locked(&self.addressee);
            let new = process.map_or(Addressee::Nobody, Addressee::Process);
            if let Addressee::Unborn(waiting) = std::mem::replace(&mut *addressee, new) {
                waiting.into_iter().for_each(|number| addressee.hand_on(number));
            }
        }
        Ok(started?.0)
    }

    /// Hands nothing on any more: the program has ended, and its number may be another one's soon.
    pub(super) fn to_nobody(&self) {
        #[cfg(unix)]
        {
            *locked(&self.addressee) = Addressee::Nobody;
        }
    }
}

#[cfg(unix)]
fn locked(addressee: &Mutex<Addressee>) -> std::sync::MutexGuard<'_, Addressee> {
    addressee.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(unix)]
impl Drop for HandingOn {
    fn drop(&mut self) {
        if let Some((handle, thread)) = self.ears.take() {
            handle.close();
            let _ = thread.join();
        }
        for handler in self.handlers.drain(..) {
            signal_hook::low_level::unregister(handler);
        }
    }
}

/// Whether the signal came since it was handed on last, or was taken back.
#[cfg(unix)]
fn is_news(news: &News, number: i32) -> bool {
    news.iter().any(|(known, flag)| *known == number && flag.swap(false, Ordering::SeqCst))
}

/// Whether the caller ignores SIGHUP, as `nohup` does; also where that is not to be known. What is
/// caught would have its default meaning again in the program that robo becomes.
#[cfg(unix)]
fn hangup_is_ignored() -> bool {
    std::fs::read_to_string("/proc/self/status").map_or(true, |status| is_ignored(&status))
}

/// Whether the mask of ignored signals in `/proc/self/status` has SIGHUP, its lowest bit.
#[cfg(unix)]
fn is_ignored(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_none_or(|mask| mask & 1 == 1)
}

#[cfg(all(test, unix))]
mod tests {
    #[test]
    fn hangup_is_the_lowest_bit_of_the_mask() {
        let cases = [
            ("Name:\trobo\nSigBlk:\t0000000000000001\nSigIgn:\t0000000000001000\n", false),
            ("SigIgn:\t0000000000001001\n", true),
            ("SigIgn:\tx\n", true),
            ("", true),
        ];
        for (status, want) in cases {
            assert_eq!(super::is_ignored(status), want, "{status}");
        }
    }
}
