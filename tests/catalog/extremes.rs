//! Catalogues as large as they may be, and as odd as somebody could make them: each is read or
//! refused, and none takes memory or time beyond its size. A test that hung would not end.

use std::fmt::Write as _;

use robo::catalog::Catalog;

/// The largest file that is read out of a repo.
const LARGEST: usize = 5 * 1024 * 1024;

const HEAD: &str = "[hub]\naccount = 'ops'\n[accounts]\nops = { id = '999999999999' }\n";

/// The mistakes, each as `line: what`.
fn mistakes(text: &str) -> Vec<String> {
    assert!(text.len() <= LARGEST, "{}", text.len());
    let (_, problems) = Catalog::read("f", text);
    assert!(problems.error(text).is_none_or(|error| error.to_string().len() < 1_000));
    problems.list().iter().map(|problem| format!("{}: {}", problem.line, problem.what)).collect()
}

fn accounts(count: usize) -> String {
    let mut text = HEAD.to_owned();
    for number in 0..count {
        let _ = writeln!(text, "a{number}={{id='{number:012}',e='x'}}");
    }
    text + "[roles]\nr={}\ns={}\n"
}

#[test]
fn more_profiles_than_a_team_or_all_may_have_are_refused_by_the_grant() {
    let mut text = accounts(20_000);
    text += "[teams.t]\nokta_group='t'\ngrants=[\n";
    while text.len() < 2_000_000 {
        text += "{roles='*',accounts='*',except={e='x'}},\n{roles='z',accounts={e='x'}},\n";
    }
    text += "]\n";
    let told = mistakes(&text);
    let want = "20015: team 't': with this grant there are too many profiles: 200000 is the most \
                for a team, 5000000 for all";
    assert!(told.contains(&want.to_owned()), "{:#?}", &told[..told.len().min(5)]);
    assert!(told.len() < 10, "{}", told.len());
}

#[test]
fn many_mistakes_and_endless_names_are_told_in_reasonable_words() {
    let mut unknown = accounts(20_000) + "[teams.t]\nokta_group='t'\ngrants=[\n";
    for number in 0..40_000 {
        let _ = writeln!(unknown, "{{roles='r',accounts='b{number}'}},");
    }
    assert_eq!(mistakes(&(unknown + "]\n")).len(), 40_000);

    let long = "x".repeat(1_000_000);
    let names = format!(
        "{HEAD}{long}a={{id='1'}}\n[roles]\n{long}b={{policies='{long} '}}\n[teams.t]\n\
         okta_group='t'\ngrants=[{{roles='{long}c',accounts='{long}d'}}]\n"
    );
    let told = mistakes(&names);
    assert!(told.len() >= 4 && told.iter().all(|told| told.len() < 500), "{}", told.len());

    let policies = format!("{HEAD}[roles]\nr={{policies=[{}]}}\n", "'p',".repeat(300_000));
    assert_eq!(mistakes(&policies).len(), 1, "one is there twice, again and again");
}

#[test]
fn what_nests_without_end_is_refused() {
    for (open, close) in [("[", "]"), ("{a=", "}")] {
        let deep = format!("x={}1{}", open.repeat(100_000), close.repeat(100_000));
        assert!(!mistakes(&deep).is_empty());
    }
    let dotted = vec!["a"; 100_000].join(".");
    assert!(!mistakes(&format!("{dotted}=1\n")).is_empty());
    assert!(!mistakes(&"[".repeat(1_000_000)).is_empty());
    assert!(!mistakes(&format!("[{dotted}]\n")).is_empty());
    let statement = format!(
        "{HEAD}[teams.t]\nokta_group='t'\nhub_statements=[{{Condition={}{}}}]\n",
        "{a=".repeat(60),
        "}".repeat(60)
    );
    assert!(!mistakes(&statement).is_empty());
}
