//! Servers on loopback, and an ssh of the test's own: what reaches them, and what never does.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};

use robo::dotfiles::{Mode, Person};
use robo::error::{Error, Kind};

use crate::sandbox::{Sandbox, all_of, files_below};

/// What the server saw: the request's head, and the command lines of the machine meanwhile.
struct Seen {
    head: String,
    command_lines: String,
}

/// An HTTP server that wants a login; whoever has one gets `answer`.
fn server(answer: &'static str) -> (String, Receiver<Seen>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (tell, seen) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            serve(stream, answer, &tell);
        }
    });
    (address, seen)
}

fn serve(mut stream: TcpStream, answer: &str, tell: &Sender<Seen>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).unwrap_or(0) == 0 {
            return;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let status = if head.contains("Authorization:") { answer } else { "401 Unauthorized" };
    let _ = tell.send(Seen { head, command_lines: command_lines() });
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\nWWW-Authenticate: Basic realm=\"acme\"\r\nContent-Length: 0\r\n\
         Connection: close\r\n\r\n"
    );
}

/// Every command line that `ps` would show now, with git-remote-http's among them.
fn command_lines() -> String {
    let read = |entry: fs::DirEntry| fs::read(entry.path().join("cmdline")).unwrap_or_default();
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes.map(|entry| String::from_utf8_lossy(&read(entry)).into_owned() + "\n").collect()
}

fn failure(sandbox: &Sandbox, url: &str) -> Error {
    sandbox.update(url).expect_err(url)
}

#[test]
fn a_login_that_nobody_can_give_needs_an_answer() {
    let sandbox = Sandbox::new();
    let (address, seen) = server("404 Not Found");
    for url in [format!("http://{address}/acme/d"), format!("http://jo@{address}/acme/d")] {
        let error = failure(&sandbox, &url);
        assert_eq!(error.kind(), Kind::NeedsAnswer, "{}", all_of(&error));
        assert!(error.message().contains("127.0.0.1 wants a login"), "{error}");
        assert!(!seen.recv().unwrap().head.contains("Authorization:"));
    }
}

#[test]
fn a_login_in_the_url_reaches_the_server_and_nothing_else() {
    let mut sandbox = Sandbox::new();
    // A helper of the person's own would store what works.
    let stored = sandbox.text("stored");
    fs::write(
        sandbox.path("gitconfig"),
        format!("[credential]\n\thelper = \"!cat >> {stored}; :\"\n"),
    )
    .unwrap();
    sandbox.set("GIT_CONFIG_GLOBAL", &sandbox.text("gitconfig"));
    let asked = sandbox.text("asked");
    sandbox.program("git", &format!("echo \"$@\" >> {asked}\nreal \"$@\""));
    let (address, seen) = server("404 Not Found");
    let url = format!("http://deploy-token:s3%40cret@{address}/acme/d");
    let error = failure(&sandbox, &url);
    assert_eq!(error.kind(), Kind::Failed, "{}", all_of(&error));
    assert!(error.message().contains("no such repo"), "{}", all_of(&error));

    let seen: Vec<Seen> = seen.try_iter().collect();
    // `deploy-token:s3@cret`, as RFC 7617 has it.
    let basic = "Authorization: Basic ZGVwbG95LXRva2VuOnMzQGNyZXQ=";
    assert!(seen.iter().any(|seen| seen.head.contains(basic)), "{}", seen[0].head);
    if cfg!(target_os = "linux") {
        assert!(seen.iter().all(|seen| seen.command_lines.contains("git-remote-http")));
    }
    let asked = fs::read_to_string(asked).unwrap();
    assert!(asked.contains(&format!("http://{address}/acme/d")), "{asked}");
    let mut places = vec![all_of(&error), asked];
    places.extend(seen.into_iter().map(|seen| seen.command_lines));
    for path in files_below(&sandbox.path("robo")) {
        places.push(String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned());
    }
    for secret in ["s3@cret", "s3%40cret", "deploy-token"] {
        for place in &places {
            assert!(!place.contains(secret), "{secret}: {place}");
        }
    }
    assert!(!sandbox.path("stored").exists(), "{:?}", fs::read_to_string(stored));
}

#[test]
fn a_login_that_git_repeats_is_not_shown() {
    let mut sandbox = Sandbox::new();
    sandbox.program(
        "git",
        "case \"$*\" in *fetch*) ;; *) real \"$@\" ;; esac\n\
         echo \"fatal: odd $ROBO_GIT_PASSWORD s3%40cret https://other:hidden@h/\" >&2\nexit 128",
    );
    for url in ["https://deploy-token:s3%40cret@h.test/acme/d", "https://h.test/acme/d"] {
        let said = all_of(&failure(&sandbox, url));
        assert!(said.contains("odd"), "{said}");
        assert!(!said.contains("s3@cret") && !said.contains("hidden"), "{said}");
        assert!(!said.contains("s3%40cret") || !url.contains('@'), "{said}");
    }
}

#[test]
fn a_login_that_the_server_refuses_is_no_question() {
    let sandbox = Sandbox::new();
    let (address, _seen) = server("401 Unauthorized");
    let error = failure(&sandbox, &format!("http://jo:wr0ng@{address}/acme/d"));
    assert_eq!(error.kind(), Kind::Failed);
    assert!(error.message().contains("127.0.0.1 refused the login"), "{}", all_of(&error));
    assert!(!all_of(&error).contains("wr0ng"), "{}", all_of(&error));
}

#[test]
fn a_login_is_not_sent_to_another_server() {
    let sandbox = Sandbox::new();
    let (other, seen) = server("404 Not Found");
    // The first server sends everybody on to the other.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let first = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut head = [0; 4096];
            let _ = stream.read(&mut head);
            let _ = write!(
                stream,
                "HTTP/1.1 302 Found\r\nLocation: http://{other}/acme/d/info/refs?service=git-upload-pack\r\n\
                 Content-Length: 0\r\nConnection: close\r\n\r\n"
            );
        }
    });
    failure(&sandbox, &format!("http://jo:s3cret@{first}/acme/d"));
    let seen: Vec<Seen> = seen.try_iter().collect();
    assert!(!seen.is_empty());
    assert!(seen.iter().all(|seen| !seen.head.contains("Authorization:")));
}

#[test]
fn a_server_that_is_not_there_is_unreachable() {
    let sandbox = Sandbox::new();
    // Port 1 (tcpmux) is nobody's, and no test's server is given it.
    for url in ["http://127.0.0.1:1/acme/d", "git://127.0.0.1:1/acme/d"] {
        let error = failure(&sandbox, url);
        assert_eq!(error.kind(), Kind::Unreachable, "{}", all_of(&error));
        assert!(error.message().contains("cannot fetch acme/d: 127.0.0.1 could not be reached"));
    }
}

#[test]
fn ssh_asks_nothing_where_nobody_is() {
    let mut sandbox = Sandbox::new();
    let asked = sandbox.text("asked");
    sandbox.program(
        "ssh",
        &format!("echo \"$@\" >> {asked}\necho 'git@h.test: Permission denied (publickey).' >&2\nexit 255"),
    );
    let error = failure(&sandbox, "git@h.test:acme/d.git");
    assert_eq!(error.kind(), Kind::Failed);
    assert!(error.message().contains("h.test refused the login"), "{}", all_of(&error));
    assert!(all_of(&error).contains("ssh -T git@h.test"), "{}", all_of(&error));
    let said = || {
        let said = fs::read_to_string(&asked).unwrap();
        fs::remove_file(&asked).unwrap();
        said
    };
    let alone = said();
    assert!(alone.contains("-oConnectTimeout=10 -oBatchMode=yes"), "{alone}");
    assert!(alone.contains("git@h.test git-upload-pack 'acme/d.git'"), "{alone}");

    sandbox.update_as("git@h.test:acme/d.git", Mode::Online, Person::There).unwrap_err();
    let there = said();
    assert!(there.contains("-oConnectTimeout=10") && !there.contains("BatchMode"), "{there}");

    fs::write(sandbox.path("gitconfig"), "[core]\n\tsshCommand = ssh -i /k\n").unwrap();
    sandbox.set("GIT_CONFIG_GLOBAL", &sandbox.text("gitconfig"));
    failure(&sandbox, "git@h.test:acme/d.git");
    let configured = said();
    assert!(configured.contains("-i /k -oConnectTimeout=10 -oBatchMode=yes"), "{configured}");
}

#[test]
fn a_server_that_only_hands_out_files_is_fetched_whole() {
    let sandbox = Sandbox::new();
    sandbox.commit("up", &[("aws/teams/a.config", "[profile a]\n")]);
    let newest = sandbox.commit("up", &[("aws/teams/a.config", "[profile b]\n")]);
    sandbox.git("up", &["update-server-info"]);
    let files = sandbox.path("up");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/.git", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut head = [0; 4096];
            let length = stream.read(&mut head).unwrap_or(0);
            let head = String::from_utf8_lossy(&head[..length]).into_owned();
            let path = head.split([' ', '?']).nth(1).unwrap_or_default();
            let found = fs::read(files.join(path.trim_start_matches('/')));
            let status = if found.is_ok() { "200 OK" } else { "404 Not Found" };
            let body = found.unwrap_or_default();
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
            );
            let _ = stream.write_all(answer.as_bytes()).and_then(|()| stream.write_all(&body));
        }
    });
    assert_eq!(sandbox.update(&url).unwrap().snapshot.id(), newest);
}
