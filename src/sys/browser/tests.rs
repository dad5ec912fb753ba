//! A browser made of a script, and strangers at the door.

use std::cell::Cell;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::thread;

use jiff::Timestamp;

use super::*;
use crate::error::Kind;
use crate::sys::clock::SystemClock;
use crate::sys::interrupt::Interrupt;

const TARGET: &str = "https://signin.example/federation?Action=login&SigninToken=s3cret";

/// A clock on which time flies.
#[derive(Default)]
struct Fast(Cell<Duration>);

impl Clock for Fast {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn sleep(&self, duration: Duration) -> Result<()> {
        self.0.set(self.0.get() + duration);
        Ok(())
    }
}

/// A browser that tells the test what it was started with, through a FIFO.
struct Script {
    folder: tempfile::TempDir,
}

impl Script {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let status = Command::new("mkfifo").arg(folder.path().join("told")).status().unwrap();
        assert!(status.success());
        Self { folder }
    }

    /// As `--browser` has it; it runs `script`, whose `$1` is the address.
    fn command(&self, script: &str) -> String {
        format!("sh -c '({script}) >{}' browser", self.told().display())
    }

    fn told(&self) -> PathBuf {
        self.folder.path().join("told")
    }

    /// Waits for what it tells.
    fn hear(&self) -> String {
        let mut told = String::new();
        File::open(self.told()).unwrap().read_to_string(&mut told).unwrap();
        told
    }
}

fn environment() -> Env {
    let vars = SECRETS.iter().map(|name| (*name, "s3cret"));
    let path = std::env::join_paths(["/usr/bin", "/bin"]).unwrap();
    let path = path.into_string().unwrap();
    let own = [("PATH", path), ("DISPLAY", ":0".to_owned())];
    Env::from_vars(
        vars.map(|(name, value)| (name.to_owned(), value.to_owned()))
            .chain(own.map(|(name, value)| (name.to_owned(), value))),
    )
}

/// Sends `request` to the host of `address` and gives the whole answer.
fn ask(address: &str, request: &str) -> String {
    let host = address.trim_start_matches("http://").split('/').next().unwrap();
    let Ok(mut connection) = TcpStream::connect(host) else { return "refused".to_owned() };
    connection.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    answer
}

fn get(address: &str) -> String {
    ask(address, &request("GET", address, None))
}

fn request(method: &str, address: &str, host: Option<&str>) -> String {
    let (own, path) = address.trim_start_matches("http://").split_once('/').unwrap();
    format!("{method} /{path} HTTP/1.1\r\nHost: {}\r\n\r\n", host.unwrap_or(own))
}

#[test]
fn the_browser_is_led_on_and_no_argument_has_the_url() {
    let script = Script::new();
    let command = script.command("printf %s \"$*\"");
    let env = environment();
    let browser = Browser::find(Some(&command), &env).unwrap();
    let answer = thread::scope(|scope| {
        let fetching = scope.spawn(|| {
            let address = script.hear();
            assert!(address.starts_with("http://127.0.0.1:"), "{address}");
            assert_eq!(address.rsplit('/').next().unwrap().len(), 32, "{address}");
            get(&address)
        });
        browser.open(&Secret::from(TARGET), &SystemClock::default()).unwrap();
        fetching.join().unwrap()
    });
    assert!(answer.starts_with("HTTP/1.1 302 "), "{answer}");
    for header in ["Location: ", "Cache-Control: no-store", "Referrer-Policy: no-referrer"] {
        assert!(answer.contains(&format!("\r\n{header}")), "{answer}");
    }
    assert!(answer.contains(&format!("\r\nLocation: {TARGET}\r\n")), "{answer}");
}

#[test]
fn only_the_right_request_is_led_on_and_only_once() {
    let once = Once::serve(TARGET).unwrap();
    let address = once.address();
    let long = format!("GET /{} HTTP/1.1\r\n", "x".repeat(20_000));
    let other = format!("{address}0");
    let local = address.trim_start_matches("http://").replace("127.0.0.1", "localhost");
    let local = local.split('/').next().unwrap();
    let plain = request("GET", address, None);
    let wrong = [
        ask(address, "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"),
        get(&other),
        ask(address, &request("GET", address, Some("evil.example"))),
        ask(address, &request("GET", address, Some(local))),
        ask(address, &plain.replace("Host:", "X-Host:")),
        ask(address, &plain.replace("\r\n\r\n", "\r\nHost: evil.example\r\n\r\n")),
        ask(address, &request("POST", address, None)),
        ask(address, &request("HEAD", address, None)),
        ask(address, &long),
        ask(address, "\0\x1b garbage\r\n\r\n"),
    ];
    for answer in wrong {
        assert!(answer.starts_with("HTTP/1.1 404 ") && !answer.contains("s3cret"), "{answer}");
    }
    assert!(!once.is_claimed() && !once.is_fetched());
    assert!(get(address).starts_with("HTTP/1.1 302 "));
    assert!(once.is_claimed());
    assert!(get(address).starts_with("HTTP/1.1 404 "));
    let address = address.to_owned();
    drop(once);
    assert_eq!(get(&address), "refused");
}

#[test]
fn idle_connections_keep_nobody_out() {
    let once = Once::serve(TARGET).unwrap();
    let host = once.address().trim_start_matches("http://").split('/').next().unwrap().to_owned();
    let idle: Vec<TcpStream> = (0..8).map(|_| TcpStream::connect(&host).unwrap()).collect();
    assert!(get(once.address()).starts_with("HTTP/1.1 302 "));
    drop(idle);
}

#[test]
#[cfg(target_os = "linux")]
fn another_user_is_not_led_on() {
    use std::os::unix::process::CommandExt as _;

    if !nix::unistd::geteuid().is_root() {
        return; // Only root can be two users. What decides has a test of its own.
    }
    let once = Once::serve(TARGET).unwrap();
    let (host, _) = once.address().trim_start_matches("http://").split_once('/').unwrap();
    let request = request("GET", once.address(), None);
    let script =
        format!("exec 3<>/dev/tcp/{}; printf '%s' \"$1\" >&3; cat <&3", host.replace(':', "/"));
    let mut bash = Command::new("bash");
    bash.args(["-c", &script, "bash", &request]).current_dir("/").uid(65534).gid(65534);
    let stranger = bash.output().unwrap();
    let answer = String::from_utf8_lossy(&stranger.stdout);
    assert!(answer.starts_with("HTTP/1.1 404 "), "{stranger:?}");
    assert!(get(once.address()).starts_with("HTTP/1.1 302 "));
}

#[test]
fn a_browser_gets_the_environment_without_the_secrets() {
    let script = Script::new();
    let command = script.command("env; echo \"address=$1\"");
    let env = environment();
    let browser = Browser::find(Some(&command), &env).unwrap();
    let told = thread::scope(|scope| {
        let fetching = scope.spawn(|| {
            let told = script.hear();
            let address = told.lines().find_map(|line| line.strip_prefix("address=")).unwrap();
            get(address);
            told
        });
        browser.open(&Secret::from(TARGET), &SystemClock::default()).unwrap();
        fetching.join().unwrap()
    });
    assert!(told.contains("DISPLAY=:0\n") && !told.contains("s3cret"), "{told}");
}

#[test]
fn one_browser_after_the_other_is_tried() {
    let script = Script::new();
    let vars = environment();
    let vars = vars.vars().map(|(name, value)| (name.to_owned(), value.to_owned()));
    let listed = format!("no-such-browser:false:{} %s", script.command("printf %s \"$1\""));
    let env = Env::from_vars(vars.chain([("BROWSER".into(), listed.into())]));
    let browser = Browser::find(None, &env).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| get(&script.hear()));
        browser.open(&Secret::from(TARGET), &SystemClock::default()).unwrap();
    });
}

#[test]
fn what_does_not_work_is_told_with_the_way_out() {
    let env = environment();
    let open = |command: &str, clock: &dyn Clock| {
        let browser = Browser::find(Some(command), &env).unwrap();
        browser.open(&Secret::from(TARGET), clock).unwrap_err()
    };
    let failed = open("false", &SystemClock::default());
    assert_eq!(failed.message(), "cannot open a browser");
    assert!(std::error::Error::source(&failed).unwrap().to_string().contains("status: 1"));
    let missing = open("no-such-browser --new-window", &SystemClock::default());
    assert_eq!(missing.message(), "cannot open a browser (no-such-browser)");
    let clock = Fast::default();
    let late = open("true", &clock);
    assert_eq!(late.message(), "no browser came to open the page within 60 s");
    assert_eq!(clock.0.get(), PATIENCE);
    for error in [failed, missing, late] {
        assert!(error.hints()[0].contains("--stdout"), "{error:?}");
        assert!(!format!("{error:?}").contains("s3cret"));
    }
    let interrupt = Interrupt::default();
    interrupt.set();
    assert_eq!(open("true", &SystemClock::new(interrupt)).kind(), Kind::Interrupted);
}

#[test]
#[cfg(all(unix, not(target_vendor = "apple")))]
fn no_desktop_is_told_at_once() {
    let bare = Env::from_vars([("PATH", "/usr/bin:/bin"), ("BROWSER", "")]);
    let error = Browser::find(None, &bare).unwrap_err();
    assert!(error.message().contains("no desktop") && error.hints()[0].contains("--stdout"));
    assert!(Browser::find(Some("firefox"), &bare).is_ok());
    for name in ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME", "BROWSER"] {
        assert!(Browser::find(None, &Env::from_vars([(name, "x")])).is_ok(), "{name}");
    }
}

#[test]
fn a_command_is_split_as_a_shell_does() {
    let program = std::env::current_exe().unwrap();
    let program = program.to_str().unwrap();
    let cases: [(&str, &[&str]); 6] = [
        ("firefox", &["firefox", "URL"]),
        ("firefox -P 'my work' %s", &["firefox", "-P", "my work", "URL"]),
        ("open -a \"Google Chrome\" --url={}", &["open", "-a", "Google Chrome", "--url=URL"]),
        ("ext+container:{}", &["ext+container:{}", "URL"]),
        ("a; b $(c)", &["a;", "b", "$(c)", "URL"]),
        (program, &[program, "URL"]),
    ];
    for (text, want) in cases {
        let command = named(&words(text).unwrap(), "URL").unwrap();
        let mut got = vec![command.get_program()];
        got.extend(command.get_args());
        assert_eq!(got, want, "{text}");
    }
    let env = Env::default();
    for text in ["", "  ", "'firefox", "'' x"] {
        assert_eq!(Browser::find(Some(text), &env).unwrap_err().kind(), Kind::Usage, "{text}");
    }
}
