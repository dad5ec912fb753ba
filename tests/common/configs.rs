//! Generated config files: what a team writes, and what a person's file can look like.
//!
//! Few names, keys and values, so that two files have much in common.

use std::fmt;
use std::ops::Deref;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

const SECTIONS: [&str; 8] = [
    "default",
    "profile a",
    "profile b",
    "profile hub",
    "profile \"a b\"",
    "okta",
    "sso-session main",
    "services local",
];
const KEYS: [&str; 6] = ["sdk_ua_app_id", "output", "role_arn", "s3", "description", "x"];
const VALUES: [&str; 5] = ["1", "eu-west-1", "a = b", "home/amazon_aws/0oa1/272", "naïve ☃"];
const COMMENTS: [&str; 5] = ["# one", "; two", "#", "# [profile a]", "# region = 1"];

/// A file's bytes, shown so that a person can read them.
#[derive(Clone)]
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.0.escape_ascii())
    }
}

/// A property in whole lines, without endings.
fn property(key: &'static str) -> impl Strategy<Value = Vec<String>> {
    let flat = select(&VALUES[..]).prop_map(move |value| vec![format!("{key} = {value}")]);
    let empty = Just(vec![format!("{key} =")]);
    let long = Just(vec![format!("{key} = one"), "  two".to_owned()]);
    let block =
        subsequence(vec!["  a = 1", "  b = 2", "    c = 3"], 1..=3).prop_map(move |nested| {
            std::iter::once(format!("{key} ="))
                .chain(nested.into_iter().map(str::to_owned))
                .collect()
        });
    prop_oneof![6 => flat, 1 => empty, 1 => long, 2 => block]
}

fn comments() -> impl Strategy<Value = Vec<String>> {
    let some = proptest::collection::vec(select(&COMMENTS[..]).prop_map(str::to_owned), 1..3);
    prop_oneof![3 => Just(Vec::new()), 1 => some]
}

/// A section as a team writes it: comments, header, each key at most once.
fn team_section(header: &'static str) -> impl Strategy<Value = Vec<String>> {
    let keys = subsequence(KEYS.to_vec(), 0..=KEYS.len()).prop_shuffle();
    let units = keys.prop_flat_map(|keys| {
        let unit = |key| (comments(), property(key)).prop_map(|(lead, own)| [lead, own].concat());
        keys.into_iter().map(unit).collect::<Vec<_>>()
    });
    (comments(), units).prop_map(move |(lead, units)| {
        let header = vec![format!("[{header}]")];
        [lead, header, units.concat()].concat()
    })
}

/// A file that every reader reads alike: what a team may have.
pub(crate) fn team() -> impl Strategy<Value = String> {
    let headers = subsequence(SECTIONS.to_vec(), 0..=SECTIONS.len()).prop_shuffle();
    headers
        .prop_flat_map(|headers| headers.into_iter().map(team_section).collect::<Vec<_>>())
        .prop_map(|sections| sections.iter().map(|lines| lines.join("\n") + "\n\n").collect())
}

/// A line, or a few, of a person's own.
fn own_lines() -> impl Strategy<Value = String> {
    let spaced = (select(&KEYS[..]), select(vec!["=", " = ", "  =", "= ", "\t=\t"])).prop_flat_map(
        |(key, equals)| {
            let value = prop_oneof![select(&VALUES[..]), select(vec!["own", "x # y", ""])];
            value.prop_map(move |value| format!("{key}{equals}{value}"))
        },
    );
    prop_oneof![
        8 => spaced,
        4 => select(&KEYS[..]).prop_flat_map(property).prop_map(|lines| lines.join("\n")),
        3 => select(&COMMENTS[..]).prop_map(str::to_owned),
        2 => Just("# my own".to_owned()),
        3 => Just(String::new()),
        2 => select(&["own = 1", "Own_Key=2", "Region = 3", "mine =\n\ta=b\n\n\tc=d"][..])
            .prop_map(str::to_owned),
    ]
}

/// What readers stumble over, or take for different things.
fn odd_lines() -> impl Strategy<Value = String> {
    let odd = [
        "nothing",
        "= 1",
        "region : 1",
        "  # indented",
        "  indented = 1",
        "  ",
        "[profile c",
        "[ profile b ]",
        "[profile b] # was [bee]",
        "[profile a]",
        "[profile default]",
        "[profile \"a\"]",
        "[profile a b]",
        "region = 1\nregion = 2",
        "s3 =\n  nothing",
        "x = 1\n# between\n  2",
        "\u{a0}x = 1",
    ];
    select(odd.to_vec()).prop_map(str::to_owned)
}

/// A person's section; `odd` in 100 of its lines are odd ones.
fn own_section(header: &'static str, odd: u32) -> impl Strategy<Value = Vec<String>> {
    let line = prop_oneof![100 - odd => own_lines(), odd => odd_lines()];
    let lines = proptest::collection::vec(line, 0..6);
    (comments(), lines).prop_map(move |(lead, lines)| {
        lead.into_iter().chain([format!("[{header}]")]).chain(lines).collect()
    })
}

fn endings() -> impl Strategy<Value = Vec<&'static str>> {
    prop_oneof![
        6 => Just(vec!["\n"]),
        2 => Just(vec!["\r\n"]),
        1 => Just(vec!["\r"]),
        1 => Just(vec!["\n", "\r\n", "\n", "\r"]),
    ]
}

fn write(lines: &[String], endings: &[&str], ended: bool) -> Bytes {
    if lines.is_empty() {
        return Bytes(Vec::new());
    }
    let text = lines.join("\n");
    let mut out = String::new();
    for (number, line) in text.split('\n').enumerate() {
        out += line;
        out += endings[number % endings.len()];
    }
    let last = endings[text.matches('\n').count() % endings.len()];
    if !ended {
        out.truncate(out.len() - last.len());
    }
    Bytes(out.into_bytes())
}

/// A person's file, made from nothing; `odd` in 100 of its lines are odd ones.
pub(crate) fn own(odd: u32) -> impl Strategy<Value = Bytes> {
    let mut headers = SECTIONS.to_vec();
    headers.extend(["profile own", "plugins", "preview"]);
    let most = headers.len();
    let headers = subsequence(headers, 0..=most).prop_shuffle();
    let sections = headers.prop_flat_map(move |headers| {
        headers.into_iter().map(|header| own_section(header, odd)).collect::<Vec<_>>()
    });
    (comments(), sections, endings(), any::<bool>()).prop_map(|(top, sections, endings, ended)| {
        let lines: Vec<String> = top.into_iter().chain(sections.concat()).collect();
        write(&lines, &endings, ended)
    })
}

/// A person's file that began as the team's `base`: lines gone, moved in, changed.
fn grown(base: &str) -> impl Strategy<Value = Bytes> + use<> {
    let lines: Vec<String> = base.lines().map(str::to_owned).collect();
    let edits = proptest::collection::vec((any::<prop::sample::Index>(), 0..3, own_lines()), 0..5);
    (edits, endings(), any::<bool>()).prop_map(move |(edits, endings, ended)| {
        let mut lines = lines.clone();
        for (at, what, line) in edits {
            let at = at.index(lines.len() + 1);
            match what {
                0 if at < lines.len() => drop(lines.remove(at)),
                1 if at < lines.len() && lines[at].contains(" = ") => lines[at] += "0",
                _ => lines.insert(at, line),
            }
        }
        write(&lines, &endings, ended)
    })
}

/// The team's file as it was, as it is, and a person's.
pub(crate) fn three() -> impl Strategy<Value = (String, String, Bytes)> {
    let bases = prop_oneof![1 => Just(String::new()), 4 => team()];
    (bases, team()).prop_flat_map(|(base, theirs)| {
        let mine = prop_oneof![own(0), own(15), grown(&base)];
        (Just(base), Just(theirs), mine)
    })
}

/// Bytes that mean something to a parser, in any order, and any others.
pub(crate) fn bytes() -> impl Strategy<Value = Bytes> {
    let pieces: [&[u8]; 26] = [
        b"[",
        b"]",
        b"=",
        b":",
        b"#",
        b";",
        b" ",
        b"\t",
        b"\n",
        b"\r",
        b"\r\n",
        b"a",
        b"A",
        b"\"",
        b"'",
        b"[profile a]\n",
        b"[default]\n",
        b"region = x\n",
        b"  b = c\n",
        b"s3 =\n",
        b"\n# c\n",
        b"\xef\xbb\xbf",
        b"\xff",
        b"\0",
        b"\x0c",
        b"\xc2\x85",
    ];
    let piece = prop_oneof![
        20 => select(pieces.to_vec()).prop_map(<[u8]>::to_vec),
        1 => proptest::collection::vec(any::<u8>(), 0..4),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| Bytes(pieces.concat()))
}
