//! IAM's evaluation logic, as far as the sample's policies use it, by the IAM user guide ("Policy
//! evaluation logic", "JSON policy element reference"). It shares nothing with what it judges, and
//! an element that it does not know fails the test: taking it for nothing could hide an access.

use serde_json::Value;

/// Who asks: a session of a role.
#[derive(Clone, Copy)]
pub(crate) struct Principal<'a> {
    /// The ARN of the role, or `arn:…:root` for the account's root user.
    pub(crate) arn: &'a str,
    /// The documents of its identity's policies.
    pub(crate) policies: &'a [Value],
}

/// The values of condition keys in a request.
pub(crate) type Context<'a> = &'a [(&'a str, &'a str)];

/// Whether `who` may assume the role of this ARN and trust policy. In another account, and where
/// a trust policy names no more than an account, both sides have to allow it.
pub(crate) fn may_assume(who: Principal<'_>, role: &str, trust: &Value) -> bool {
    trusts(who, "sts:AssumeRole", trust) && may(who, "sts:AssumeRole", role)
}

/// Whether a trust policy lets `who` do this to its role, by itself or by leaving it to their
/// account.
pub(crate) fn trusts(who: Principal<'_>, action: &str, trust: &Value) -> bool {
    let context = [("aws:PrincipalArn", who.arn)];
    allows(std::slice::from_ref(trust), action, None, &context, |principal| {
        let kinds = principal.as_object().unwrap().keys();
        kinds.for_each(|kind| assert!(kind == "AWS" || kind == "Federated", "{principal}"));
        strings(&principal["AWS"]).iter().any(|named| match named.strip_suffix(":root") {
            Some(account) => account == who.arn.rsplit_once(':').unwrap().0,
            None => *named == "*" || *named == who.arn,
        })
    })
}

/// Whether an assertion of this SAML provider, made out to this audience, gives the role of this
/// trust policy by `action`.
pub(crate) fn gives(provider: &str, audience: &str, action: &str, trust: &Value) -> bool {
    allows(std::slice::from_ref(trust), action, None, &[("SAML:aud", audience)], |principal| {
        strings(&principal["Federated"]).contains(&provider)
    })
}

/// Whether the policies of `who` allow an action on a resource.
pub(crate) fn may(who: Principal<'_>, action: &str, resource: &str) -> bool {
    let context = [("aws:PrincipalArn", who.arn)];
    allows(who.policies, action, Some(resource), &context, |_| {
        panic!("an identity's policy has no principal")
    })
}

/// An explicit deny goes before an allow, and without either it is a deny.
fn allows(
    documents: &[Value],
    action: &str,
    resource: Option<&str>,
    context: Context<'_>,
    is_principal: impl Fn(&Value) -> bool,
) -> bool {
    let mut allowed = false;
    for document in documents {
        assert_eq!(document["Version"], "2012-10-17", "{document}");
        let statements = document["Statement"].as_array().unwrap();
        for statement in statements {
            let known = ["Sid", "Effect", "Principal", "Action", "Resource", "Condition"];
            let keys = statement.as_object().unwrap().keys();
            keys.for_each(|key| assert!(known.contains(&key.as_str()), "{key} in {statement}"));
            let acts = strings(&statement["Action"])
                .iter()
                // The names of actions are told apart without regard to case.
                .any(|pattern| matches(&pattern.to_lowercase(), &action.to_lowercase()));
            let on = match resource {
                Some(resource) => {
                    strings(&statement["Resource"]).iter().any(|pattern| matches(pattern, resource))
                }
                None => {
                    assert!(statement.get("Resource").is_none(), "{statement}");
                    is_principal(&statement["Principal"])
                }
            };
            if !(acts && on && holds(&statement["Condition"], context)) {
                continue;
            }
            match statement["Effect"].as_str().unwrap() {
                "Deny" => return false,
                "Allow" => allowed = true,
                other => panic!("{other}"),
            }
        }
    }
    allowed
}

/// All operators and all keys have to hold, any of a key's values is enough; a key that the
/// request has not holds for none.
fn holds(condition: &Value, context: Context<'_>) -> bool {
    let Some(operators) = condition.as_object() else { return condition.is_null() };
    operators.iter().all(|(operator, keys)| {
        keys.as_object().unwrap().iter().all(|(key, values)| {
            let found = context.iter().find(|(known, _)| known.eq_ignore_ascii_case(key));
            let Some((_, value)) = found else { return false };
            strings(values).iter().any(|wanted| match operator.as_str() {
                "StringEquals" => wanted == value,
                "StringLike" => matches(wanted, value),
                // Both are one and the same, and go part by part.
                "ArnEquals" | "ArnLike" => {
                    let (wanted, value) = (wanted.splitn(6, ':'), value.splitn(6, ':'));
                    wanted.clone().count() == value.clone().count()
                        && wanted.zip(value).all(|(wanted, value)| matches(wanted, value))
                }
                other => panic!("the operator {other} is not known here"),
            })
        })
    })
}

/// A string, or several.
fn strings(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(list) => list.iter().map(|text| text.as_str().unwrap()).collect(),
        Value::Null => Vec::new(),
        other => panic!("{other}"),
    }
}

/// `*` is any text, `?` any one character.
fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    // reached[at]: whether the pattern so far can end before the text's character `at`.
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    for part in pattern {
        let mut next = vec![false; text.len() + 1];
        for at in 0..=text.len() {
            next[at] = match part {
                '*' => reached[at] || (at > 0 && next[at - 1]),
                '?' => at > 0 && reached[at - 1],
                part => at > 0 && reached[at - 1] && text[at - 1] == part,
            };
        }
        reached = next;
    }
    reached[text.len()]
}

#[test]
fn a_judge_that_says_yes_to_everything_would_be_none() {
    use serde_json::json;
    let hub = "arn:aws:iam::111111111111:role/data";
    let role = "arn:aws:iam::222222222222:role/Admin";
    let policy = |action: &str, resource: &str| json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]});
    let trust = |principal: &str, condition: Value| {
        let mut statement =
            json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"});
        if !condition.is_null() {
            statement["Condition"] = condition;
        }
        json!({"Version": "2012-10-17", "Statement": [statement]})
    };
    let right =
        trust("arn:aws:iam::111111111111:root", json!({"ArnEquals": {"aws:PrincipalArn": [hub]}}));
    let both = |policies: &[Value], trust: &Value| {
        may_assume(Principal { arn: hub, policies }, role, trust)
    };
    let own = [policy("sts:AssumeRole", role)];
    assert!(both(&own, &right));
    assert!(both(&[policy("STS:assume*", "arn:aws:iam::*:role/Admi?")], &right));
    assert!(both(&own, &trust(hub, Value::Null)));
    for policies in [
        vec![],
        vec![policy("sts:AssumeRole", "arn:aws:iam::222222222222:role/Admins")],
        vec![policy("sts:AssumeRoleWithSAML", role)],
        vec![policy("sts:AssumeRole", "arn:aws:iam::222222222222:role/admin")],
        vec![
            policy("*", "*"),
            json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "sts:*", "Resource": role}]}),
        ],
    ] {
        assert!(!both(&policies, &right), "{policies:?}");
    }
    for trust in [
        trust("arn:aws:iam::333333333333:root", Value::Null),
        trust(
            "arn:aws:iam::111111111111:root",
            json!({"ArnEquals": {"aws:PrincipalArn": ["arn:aws:iam::111111111111:role/dat"]}}),
        ),
        trust("arn:aws:iam::111111111111:root", json!({"StringEquals": {"sts:ExternalId": "x"}})),
        trust("arn:aws:iam::111111111111:role/other", Value::Null),
    ] {
        assert!(!both(&own, &trust), "{trust}");
    }
}
