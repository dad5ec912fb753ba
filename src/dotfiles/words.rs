//! Why a fetch failed, told from the words of git, curl and ssh.
//!
//! git has one exit status (128) for all reasons, and over ssh it ends every failure with "Could
//! not read from remote repository", so the words are what there is. They are read in the C
//! locale.

use super::failure::FetchFailure::{
    self, HostKey, LoginNeeded, LoginRefused, NoRoom, NotARepo, NotAllowed, NotOwned, OldGit,
    Other, RefMissing, Unreachable, Unverified,
};

/// Phrases, in lower case, by which a line tells the reason; those that decide come first, for
/// ssh and git each say more than one thing about a failure. Sources: git 2.47 (`remote-curl.c`,
/// `connect.c`, `upload-pack.c`, `setup.c`, `credential.c`, `daemon.c`), OpenSSH 10, curl 8, and
/// the words of GitHub, GitLab and Bitbucket.
const PHRASES: &[(&str, FetchFailure)] = &[
    // strerror(ENOSPC), of EDQUOT and of EFBIG.
    ("no space left on device", NoRoom),
    ("disk quota exceeded", NoRoom),
    ("file too large", NoRoom),
    ("dubious ownership", NotOwned),
    ("unknown option `", OldGit),
    ("terminal prompts disabled", LoginNeeded),
    ("could not read username", LoginNeeded),
    ("could not read password", LoginNeeded),
    ("remote host identification has changed", HostKey),
    ("host key verification failed", HostKey),
    ("host key is known for", HostKey),
    ("authentication failed for", LoginRefused),
    ("permission denied (", LoginRefused),
    ("too many authentication failures", LoginRefused),
    ("the requested url returned error: 401", LoginRefused),
    ("the requested url returned error: 403", LoginRefused),
    ("couldn't find remote ref", RefMissing),
    ("not our ref", RefMissing),
    ("request for unadvertised object", RefMissing),
    ("does not appear to be a git repository", NotARepo),
    ("repository not found", NotARepo),
    ("is this a git repository?", NotARepo),
    ("the requested url returned error: 404", NotARepo),
    ("access denied or repository not exported", NotARepo),
    ("could not be found or you don't have permission", NotARepo),
    ("certificate", Unverified),
    ("gnutls_handshake() failed", Unverified),
    ("ssl_connect", Unverified),
    ("tls connect error", Unverified),
    ("could not resolve", Unreachable),
    ("name or service not known", Unreachable),
    ("unable to look up", Unreachable),
    ("connection refused", Unreachable),
    ("connection timed out", Unreachable),
    ("operation timed out", Unreachable),
    ("connection reset", Unreachable),
    ("connection closed by", Unreachable),
    ("failed to connect to", Unreachable),
    ("couldn't connect to server", Unreachable),
    ("unable to connect to", Unreachable),
    ("network is unreachable", Unreachable),
    ("no route to host", Unreachable),
    ("ssh: connect to host", Unreachable),
    ("kex_exchange_identification", Unreachable),
    ("from proxy after connect", Unreachable),
    ("connect tunnel failed", Unreachable),
    ("proxy connect aborted", Unreachable),
    ("empty reply from server", Unreachable),
    ("operation too slow", Unreachable),
    ("rpc failed", Unreachable),
    ("the requested url returned error: 407", Unreachable),
    ("the requested url returned error: 5", Unreachable),
    ("' not allowed", NotAllowed),
];

/// Tells the reason from what git wrote to stderr, and the line that tells it. What the
/// server wrote (`remote: …`) counts for nothing: it may say anything.
pub(super) fn classify(stderr: &str) -> (FetchFailure, Option<String>) {
    let lines: Vec<&str> = stderr
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("remote:"))
        .collect();
    let lower: Vec<String> = lines.iter().map(|line| line.to_lowercase()).collect();
    for (phrase, failure) in PHRASES {
        if let Some(at) = lower.iter().position(|line| line.contains(phrase)) {
            return (*failure, Some(bare(lines[at])));
        }
    }
    let gone =
        |line: &String| line.starts_with("fatal: repository '") && line.ends_with("not found");
    if let Some(at) = lower.iter().position(gone) {
        return (NotARepo, Some(bare(lines[at])));
    }
    let told = |line: &&&str| line.starts_with("fatal:") || line.starts_with("error:");
    let generic = |line: &&&str| !line.contains("Could not read from remote repository");
    let line = lines
        .iter()
        .filter(told)
        .rfind(generic)
        .or_else(|| lines.iter().rfind(generic))
        .or_else(|| lines.last());
    (Other, line.map(|line| bare(line)))
}

/// The line without git's own `fatal:` or `error:`.
fn bare(line: &str) -> String {
    let rest = line.strip_prefix("fatal:").or_else(|| line.strip_prefix("error:"));
    rest.unwrap_or(line).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SSH_END: &str = "fatal: Could not read from remote repository.\n\nPlease make sure you \
                           have the correct access rights\nand the repository exists.\n";

    #[test]
    fn the_reason_is_told_from_the_words_of_git_and_ssh() {
        // What git, or ssh before git's own end, writes; the reason; a part of the line that
        // tells it.
        let over_ssh = [
            (
                "ssh: Could not resolve hostname h.invalid: Name or service not known",
                Unreachable,
                "h.invalid",
            ),
            ("ssh: connect to host 127.0.0.1 port 1: Connection refused", Unreachable, "port 1"),
            ("ssh: connect to host h port 22: Connection timed out", Unreachable, "timed out"),
            ("Connection closed by 10.0.0.1 port 22", Unreachable, "10.0.0.1"),
            (
                "kex_exchange_identification: Connection closed by remote host",
                Unreachable,
                "remote host",
            ),
            ("git@github.com: Permission denied (publickey).", LoginRefused, "publickey"),
            (
                "No ED25519 host key is known for github.com and you have requested strict checking.\nHost key verification failed.",
                HostKey,
                "verification",
            ),
            (
                "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.",
                HostKey,
                "CHANGED",
            ),
            ("ERROR: Repository not found.", NotARepo, "Repository not found"),
            (
                "remote: \nremote: ERROR: The project you were looking for could not be found or you don't have permission to view it.\nERROR: The project you were looking for could not be found or you don't have permission to view it.",
                NotARepo,
                "permission",
            ),
            ("fatal: '/tmp/nonex' does not appear to be a git repository", NotARepo, "/tmp/nonex"),
            (
                "fatal: detected dubious ownership in repository at '/tmp/up/.git'\nTo add an exception for this directory, call:\n\n\tgit config --global --add safe.directory /tmp/up/.git",
                NotOwned,
                "/tmp/up",
            ),
        ];
        for (words, failure, line) in over_ssh {
            let (told, why) = classify(&format!("{words}\n{SSH_END}"));
            assert_eq!(told, failure, "{words}");
            assert!(why.as_ref().is_some_and(|why| why.contains(line)), "{words}: {why:?}");
        }
        let direct = [
            (
                "fatal: unable to access 'https://h.invalid/x/': Could not resolve host: h.invalid",
                Unreachable,
                "unable to access",
            ),
            (
                "fatal: unable to access 'http://127.0.0.1:1/x/': Failed to connect to 127.0.0.1 port 1 after 0 ms: Couldn't connect to server",
                Unreachable,
                "port 1",
            ),
            (
                "fatal: unable to access 'https://h/x/': Received HTTP code 407 from proxy after CONNECT",
                Unreachable,
                "407",
            ),
            (
                "fatal: unable to access 'https://h/x/': CONNECT tunnel failed, response 403",
                Unreachable,
                "tunnel",
            ),
            (
                "fatal: unable to access 'https://h/x/': Operation too slow. Less than 1 bytes/sec transferred the last 30 seconds",
                Unreachable,
                "slow",
            ),
            (
                "fatal: unable to access 'https://h/x/': The requested URL returned error: 503",
                Unreachable,
                "503",
            ),
            (
                "fatal: unable to connect to 127.0.0.1:\n127.0.0.1[0: 127.0.0.1]: errno=Connection refused\n",
                Unreachable,
                "refused",
            ),
            (
                "fatal: unable to access 'https://h/x/': server certificate verification failed. CAfile: none CRLfile: none",
                Unverified,
                "CAfile",
            ),
            (
                "fatal: unable to access 'https://h/x/': SSL certificate problem: self-signed certificate",
                Unverified,
                "self-signed",
            ),
            (
                "fatal: could not read Username for 'https://github.com': terminal prompts disabled",
                LoginNeeded,
                "Username",
            ),
            (
                "fatal: could not read Password for 'https://jo@h': No such device or address",
                LoginNeeded,
                "Password",
            ),
            (
                "remote: Invalid username or password.\nfatal: Authentication failed for 'https://github.com/a/b/'",
                LoginRefused,
                "Authentication",
            ),
            (
                "fatal: unable to access 'https://h/x/': The requested URL returned error: 403",
                LoginRefused,
                "403",
            ),
            (
                "remote: Repository not found.\nfatal: repository 'https://github.com/a/b/' not found",
                NotARepo,
                "a/b",
            ),
            (
                "fatal: https://example.com/info/refs not valid: is this a git repository?",
                NotARepo,
                "example.com",
            ),
            ("fatal: remote error: access denied or repository not exported: /x", NotARepo, "/x"),
            ("fatal: couldn't find remote ref nope", RefMissing, "nope"),
            (
                "fatal: git upload-pack: not our ref 0123\nfatal: remote error: upload-pack: not our ref 0123",
                RefMissing,
                "0123",
            ),
            (
                "error: Server does not allow request for unadvertised object 0123",
                RefMissing,
                "0123",
            ),
            ("fatal: transport 'file' not allowed", NotAllowed, "file"),
            ("error: unknown option `no-write-fetch-head'\nusage: git fetch", OldGit, "no-write"),
            ("fatal: mismatched algorithms: client sha1; server sha256", Other, "sha256"),
            (
                "remote: Connection refused\nfatal: protocol error: bad pack header",
                Other,
                "bad pack",
            ),
            (SSH_END, Other, "repository exists"),
            (
                "warning: odd\nerror: file write error: No space left on device\nfatal: Could not read from remote repository.",
                NoRoom,
                "No space",
            ),
        ];
        for (words, failure, line) in direct {
            let (told, why) = classify(words);
            assert_eq!(told, failure, "{words}");
            assert!(why.as_ref().is_some_and(|why| why.contains(line)), "{words}: {why:?}");
        }
        assert_eq!(classify(""), (Other, None));
    }
}
