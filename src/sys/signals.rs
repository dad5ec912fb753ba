//! The signals that mean: stop.

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

/// Hears the signals that are meant for a program which this process waits for.
pub(super) struct HandingOn {
    interrupted: Arc<AtomicBool>,
    #[cfg(unix)]
    addressee: Arc<Mutex<Addressee>>,
    #[cfg(unix)]
    interrupts: Option<signal_hook::SigId>,
    #[cfg(unix)]
    ears: Option<(signal_hook::iterator::Handle, std::thread::JoinHandle<()>)>,
}

/// The program that signals are handed on to, and what came before it was known.
#[cfg(unix)]
#[derive(Default)]
struct Addressee {
    process: Option<i32>,
    waiting: Vec<i32>,
}

#[cfg(unix)]
impl Addressee {
    fn hand_on(&mut self, number: i32) {
        use nix::sys::signal::{Signal, kill};

        match (self.process, Signal::try_from(number)) {
            // It may have ended by itself just now.
            (Some(id), Ok(signal)) => _ = kill(nix::unistd::Pid::from_raw(id), signal),
            _ => self.waiting.push(number),
        }
    }
}

/// Begins to hear signals. Ctrl-C ends nothing from here on: the terminal sends it to the program
/// as well.
#[cfg(unix)]
pub(super) fn hand_on() -> HandingOn {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    // Set by the signal's own handler, so that it is known when the program's end is.
    let interrupted = Arc::new(AtomicBool::new(false));
    let interrupts = signal_hook::flag::register(SIGINT, Arc::clone(&interrupted)).ok();
    let addressee: Arc<Mutex<Addressee>> = Arc::default();
    let hangup = (!hangup_is_ignored()).then_some(SIGHUP);
    let signals = Signals::new([SIGTERM].into_iter().chain(hangup));
    let ears = signals.ok().map(|mut signals| {
        let (handle, addressee) = (signals.handle(), Arc::clone(&addressee));
        let hear = move || signals.forever().for_each(|number| locked(&addressee).hand_on(number));
        (handle, std::thread::spawn(hear))
    });
    HandingOn { interrupted, addressee, interrupts, ears }
}

#[cfg(not(unix))]
pub(super) fn hand_on() -> HandingOn {
    HandingOn { interrupted: Arc::default() }
}

#[cfg(unix)]
fn locked(addressee: &Mutex<Addressee>) -> std::sync::MutexGuard<'_, Addressee> {
    addressee.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl HandingOn {
    /// To which program: it gets what came already.
    pub(super) fn to(&self, process: u32) {
        #[cfg(unix)]
        {
            let mut addressee = locked(&self.addressee);
            addressee.process = i32::try_from(process).ok();
            let waiting = std::mem::take(&mut addressee.waiting);
            waiting.into_iter().for_each(|number| addressee.hand_on(number));
        }
        #[cfg(not(unix))]
        let _ = process;
    }

    /// Ends hearing; says whether there was a Ctrl-C.
    pub(super) fn stop(self) -> bool {
        #[cfg(unix)]
        {
            if let Some((handle, thread)) = self.ears {
                handle.close();
                let _ = thread.join();
            }
            self.interrupts.map(signal_hook::low_level::unregister);
        }
        self.interrupted.load(Ordering::SeqCst)
    }
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
