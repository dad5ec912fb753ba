//! Each single mistake, with its line.

use super::{ACME, problems, with};

#[test]
fn each_mistake_about_okta_the_hub_and_profiles_is_told_with_its_line() {
    let cases = [
        (
            r#"domain = "acme.okta.com""#,
            r#"domain = "https://acme.okta.com/""#,
            "2: [okta]: 'domain' is 'https://acme.okta.com/': a domain is a plain host name, such as acme.okta.com",
        ),
        ("domain =", "domian =", "2: [okta]: unknown key 'domian' (did you mean 'domain'?)"),
        (
            "0oa1b2c3d4/272",
            "0oa1b2c3d4 # x",
            "3: [okta]: 'app' is 'home/amazon_aws/0oa1b2c3d4 # x': it has a blank in it, or characters that cannot be seen, or nothing",
        ),
        (
            r#"app = "home/amazon_aws/0oa1b2c3d4/272""#,
            "app = 272",
            "3: [okta]: 'app' is a number, and should be text; write it in quotes",
        ),
        ("[okta]", "[octa]", "1: the catalogue: unknown key 'octa' (did you mean 'okta'?)"),
        (
            r#"account = "ops""#,
            r#"account = "opps""#,
            "6: [hub]: there is no account 'opps' (did you mean 'ops'?)",
        ),
        (
            "account = \"ops\"\n",
            "\n",
            "5: [hub] has no 'account': write account = the name of an account",
        ),
        (
            r#"session = "12h""#,
            r#"session = "13h""#,
            "7: [hub]: 'session' is '13h': AWS gives sessions of 12h at most",
        ),
        (
            r#"session = "12h""#,
            "session = 12",
            "7: [hub]: 'session' is a number, and should be text such as \"1h\"",
        ),
        (
            r#"session = "12h""#,
            r#"session = "half a day""#,
            "7: [hub]: 'session' is 'half a day': it is not a duration such as 45m, 1h or 1h30m",
        ),
        (
            r#"session = "12h""#,
            r#"saml_provider = "a/b""#,
            "7: [hub]: 'saml_provider' is 'a/b': the name of a SAML provider has 1 to 128 letters, digits and any of . _ -",
        ),
        (
            r#"session = "12h""#,
            r#"profile = "the hub""#,
            "7: [hub]: 'profile' is 'the hub': the name of a profile has letters, digits and any of _ - / . % @ : +, and no blank",
        ),
        (
            r#"session = "12h""#,
            r#"profile = "dev""#,
            "15: the profile of 'admin' in account 'dev' would have the name of the hub's, 'dev'",
        ),
        (
            r#"default_role = "admin""#,
            r#"default_role = "admn""#,
            "10: [profiles]: there is no role 'admn' (did you mean 'admin'?)",
        ),
        (
            r#"default_role = "admin""#,
            r#"pattern = "{account}""#,
            "10: [profiles]: the pattern '{account}' has no {role}, and more than the default role is granted: 'admin'",
        ),
        (
            r#"default_role = "admin""#,
            r#"pattern = "x""#,
            "10: [profiles]: the pattern 'x' has no {account} and no {role}, and more than the default role is granted: 'admin'",
        ),
        (
            r#"default_role = "admin""#,
            r#"pattern = "{account}-{role}-{role}""#,
            "10: [profiles]: 'pattern' is '{account}-{role}-{role}': {role} is in it twice",
        ),
        (
            r#"default_role = "admin""#,
            r#"pattern = "{account}-{rôle}""#,
            "10: [profiles]: 'pattern' is '{account}-{rôle}': only {account} and {role} stand for something",
        ),
        (
            r#"default_role = "admin""#,
            r#"pattern = "{account} {role}""#,
            "10: [profiles]: 'pattern' is '{account} {role}': the name of a profile has letters, digits and any of _ - / . % @ : +, and no blank",
        ),
        (
            r#"region = "eu-west-1""#,
            r#"region = "Ireland""#,
            "11: [profiles]: 'region' is 'Ireland': a region is written like eu-west-1",
        ),
        (
            r#"region = "eu-west-1""#,
            r#"regions = "eu-west-1""#,
            "11: [profiles]: unknown key 'regions' (did you mean 'region'?)",
        ),
    ];
    for (from, to, want) in cases {
        assert_eq!(with(from, to), [want], "{to}");
    }
    assert_eq!(problems(""), ["1: there is no [hub]: name the account that Okta federates into"]);
}

#[test]
fn each_mistake_about_accounts_and_roles_is_told_with_its_line() {
    let dev = r#"dev = { id = "222222222222", env = "dev" }"#;
    let readonly = r#"readonly = { policies = ["ReadOnlyAccess"], session = "30m" }"#;
    let cases = [
        (
            dev,
            r#"dev = { id = "2222", env = "dev" }"#,
            "15: account 'dev': 'id' is '2222': the id of an account has 12 digits",
        ),
        (
            dev,
            r#"dev = { id = 222222222222 }"#,
            "15: account 'dev': 'id' is a number, and should be text; write it in quotes",
        ),
        (
            dev,
            r#"dev = { id = "111111111111" }"#,
            "15: account 'dev' has the id of 'ops' in line 14, 111111111111",
        ),
        (
            dev,
            r#"dev = { env = "dev" }"#,
            "15: account 'dev' has no 'id': write id = \"111111111111\", its 12 digits",
        ),
        (dev, r#"dev = "222222222222""#, "15: account 'dev' is text, and should be a table"),
        (
            dev,
            r#""my dev" = { id = "222222222222" }"#,
            "15: account 'my dev': the name of a profile has letters, digits and any of _ - / . % @ : +, and no blank",
        ),
        (
            dev,
            r#""" = { id = "222222222222" }"#,
            "15: account '': the name of a profile has letters, digits and any of _ - / . % @ : +, and no blank",
        ),
        (
            dev,
            r#"dev = { id = "222222222222", partition = "aws-usgov" }"#,
            "15: account 'dev': robo knows no partition 'aws-usgov' (did you mean 'aws-us-gov'?): it knows aws, aws-cn, aws-us-gov, aws-eusc",
        ),
        (
            dev,
            r#"dev = { id = "222222222222", region = "us-gov-west-1" }"#,
            "15: account 'dev': region 'us-gov-west-1' is one of the partition aws-us-gov, and the account is in aws",
        ),
        (
            dev,
            r#"dev = { id = "222222222222", region = "westeros" }"#,
            "15: account 'dev': 'region' is 'westeros': a region is written like eu-west-1",
        ),
        (
            dev,
            r#"dev = { id = "222222222222", env = ["dev"] }"#,
            "15: account 'dev': 'env' is a list, and should be text",
        ),
        (
            dev,
            r#"dev = { id = "222222222222", regoin = "eu-west-2" }"#,
            "15: warning: account 'dev': 'regoin' is taken for a tag (did you mean 'region'?)",
        ),
        (
            readonly,
            r#"readonly = { policies = ["Read Only"] }"#,
            "20: role 'readonly': 'policies' has 'Read Only': a policy is a name such as ReadOnlyAccess or job-function/Billing, or a whole ARN",
        ),
        (
            readonly,
            r#"readonly = { policies = ["arn:aws:iam::1:policy/x"] }"#,
            "20: role 'readonly': 'policies' has 'arn:aws:iam::1:policy/x': the ARN of a policy is written like arn:aws:iam::111111111111:policy/name",
        ),
        (
            readonly,
            r#"readonly = { policies = [] }"#,
            "20: role 'readonly': 'policies' is empty: leave it out, or name something",
        ),
        (
            readonly,
            r#"readonly = { polices = ["ReadOnlyAccess"] }"#,
            "20: role 'readonly': unknown key 'polices' (did you mean 'policies'?)",
        ),
        (
            readonly,
            r#"readonly = { policies = ["A", "A"] }"#,
            "20: warning: role 'readonly': 'A' is there twice",
        ),
        (
            readonly,
            r#"readonly = { session = "2h" }"#,
            "20: role 'readonly': 'session' is '2h': AWS gives 1h at most to who comes from another role",
        ),
        (
            readonly,
            r#"readonly = { session = "5m" }"#,
            "20: role 'readonly': 'session' is '5m': AWS gives no session of less than 15m",
        ),
        (
            readonly,
            r#"readonly = { session = "1d" }"#,
            "20: role 'readonly': 'session' is '1d': it has the unit d, which Go's durations do not have; write 24h",
        ),
        (
            readonly,
            r#"readonly = { name = "administrator" }"#,
            "20: role 'readonly' has the IAM name of 'admin' in line 19, administrator",
        ),
        (
            readonly,
            r#"readonly = { name = "a/b" }"#,
            "20: role 'readonly': 'name' is 'a/b': the name of an IAM role has 1 to 64 letters, digits and any of _ + = , . @ -",
        ),
        (
            r#"readonly = { policies"#,
            r#""read/only" = { policies"#,
            "20: role 'read/only': the name of an IAM role has 1 to 64 letters, digits and any of _ + = , . @ -; give it a 'name' of its own",
        ),
    ];
    for (from, to, want) in cases {
        let told = with(from, to);
        assert!(told.contains(&want.to_owned()), "{to}: {told:#?}");
    }
}

#[test]
fn each_mistake_about_teams_and_grants_is_told_with_its_line() {
    let grant = r#"{ roles = "readonly", accounts = { env = "prod" } }"#;
    let cases = [
        (
            "[teams.foundation]",
            "[teams.\"a b\"]",
            "22: team 'a b': the name of a team has letters, digits, '.', '_' and '-', a letter or digit first, no '..'",
        ),
        (
            "okta_group = \"aws-foundation\"\n",
            "\n",
            "22: team 'foundation' has no 'okta_group': write okta_group = the name of the Okta group of its members",
        ),
        (
            r#"okta_group = "aws-foundation""#,
            r#"okta_group = """#,
            "23: team 'foundation': 'okta_group' is '': it is empty, or has characters that cannot be seen",
        ),
        (
            r#"okta_group = "aws-foundation""#,
            "okta_group = \"g\"\nhub_rol = \"x\"",
            "24: team 'foundation': unknown key 'hub_rol' (did you mean 'hub_role'?)",
        ),
        (
            r#"okta_group = "aws-foundation""#,
            "okta_group = \"g\"\nhub_role = \"FPA\"",
            "30: team 'fpa' has the hub role of 'foundation' in line 24, 'fpa': each team has its own",
        ),
        (
            grant,
            r#"{ roles = "raedonly", accounts = { env = "prod" } }"#,
            "26: team 'foundation': a grant: there is no role 'raedonly' (did you mean 'readonly'?)",
        ),
        (
            grant,
            r#"{ roles = "readonly", accounts = ["prd"] }"#,
            "26: team 'foundation': a grant: there is no account 'prd' (did you mean 'prod'?)",
        ),
        (
            grant,
            r#"{ roles = "readonly", accounts = ["*"] }"#,
            "26: team 'foundation': a grant: '*' stands alone: write accounts = \"*\"",
        ),
        (
            grant,
            r#"{ roles = "readonly" }"#,
            "26: team 'foundation': a grant has no 'accounts': write accounts = a list of accounts, a table of tags, or \"*\"",
        ),
        (
            grant,
            r#"{ accounts = "*" }"#,
            "26: team 'foundation': a grant has no 'roles': write roles = a role, a list of roles, or \"*\"",
        ),
        (
            grant,
            r#"{ roles = [], accounts = "*" }"#,
            "26: team 'foundation': a grant: 'roles' is empty: leave it out, or name something",
        ),
        (
            grant,
            r#"{ roles = [1], accounts = "*" }"#,
            "26: team 'foundation': a grant: 'roles' is a number, and should be text; write it in quotes",
        ),
        (
            grant,
            r#"{ roles = "readonly", accounts = {} }"#,
            "26: team 'foundation': a grant: 'accounts' names no tag",
        ),
        (
            grant,
            r#"{ roles = "readonly", accounts = { region = "eu-central-1" } }"#,
            "26: team 'foundation': a grant: 'region' is no tag, and accounts are chosen by tags",
        ),
        (
            grant,
            r#"{ role = "readonly", roles = "admin", accounts = "*" }"#,
            "26: team 'foundation': a grant: unknown key 'role' (did you mean 'roles'?)",
        ),
        (grant, r#""readonly""#, "26: team 'foundation': a grant is text, and should be a table"),
        (
            grant,
            r#"{ roles = "readonly", accounts = { env = "prd" } }"#,
            "26: warning: team 'foundation': a grant: no account has env = \"prd\" (did you mean 'prod'?)",
        ),
        (
            grant,
            r#"{ roles = "readonly", accounts = { evn = "prod" } }"#,
            "26: warning: team 'foundation': a grant: no account has evn = \"prod\" (did you mean 'env'?)",
        ),
        (
            grant,
            r#"{ roles = "readonly", accounts = "dev", except = ["dev"] }"#,
            "26: warning: team 'foundation': a grant reaches no account: all it names is excepted",
        ),
        (
            grant,
            r#"{ roles = "readonly", accounts = "dev", except = "prod" }"#,
            "26: warning: team 'foundation': a grant excepts accounts that it does not name",
        ),
        // A misspelt exception would grant more than was meant.
        (
            grant,
            r#"{ roles = "readonly", accounts = "*", except = { env = "prd" } }"#,
            "26: team 'foundation': a grant: 'except': no account has env = \"prd\" (did you mean 'prod'?)",
        ),
        (
            grant,
            r#"{ roles = "readonly", accounts = "*", except = "prd" }"#,
            "26: team 'foundation': a grant: there is no account 'prd' (did you mean 'prod'?)",
        ),
        (
            grant,
            r#"{ roles = ["admin", "admin"], accounts = "dev" }"#,
            "26: warning: team 'foundation': a grant: 'roles' names one twice",
        ),
        (
            r#"hub_policies = ["job-function/Billing"]"#,
            "grants = []",
            "31: team 'fpa': 'grants' is empty: leave it out for a team of the hub alone",
        ),
        (
            r#"hub_policies = ["job-function/Billing"]"#,
            "grants = \"*\"",
            "31: team 'fpa': 'grants' is text, and should be a list",
        ),
        (
            r#"Effect = "Allow""#,
            r#"Effect = "allow""#,
            "32: team 'fpa': a statement: 'Effect' should be \"Allow\" or \"Deny\"",
        ),
        (
            r#"Effect = "Allow""#,
            r#"Effect = "Allow", Principal = "*""#,
            "32: team 'fpa': a statement: unknown key 'Principal'",
        ),
        (
            r#", Resource = "*""#,
            "",
            "32: team 'fpa': a statement: it should have either 'Resource' or 'NotResource'",
        ),
        (
            r#", Resource = "*""#,
            r#", Resource = 1.5"#,
            "32: team 'fpa': a statement: a policy cannot hold a number with a point",
        ),
    ];
    for (from, to, want) in cases {
        let told = with(from, to);
        assert!(told.contains(&want.to_owned()), "{to}: {told:#?}");
    }
    let nothing = ACME.split("hub_policies").next().unwrap();
    let want = "29: warning: team 'fpa' may do nothing: it has neither grants nor policies";
    assert_eq!(problems(nothing), [want]);
}
