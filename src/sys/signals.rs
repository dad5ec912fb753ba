//! The signals that mean: stop.

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
