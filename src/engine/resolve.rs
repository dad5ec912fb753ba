//! How a [`Request`] is made: every value weighed once.

use std::time::Duration;

use crate::aws::{ExternalId, Partition, SessionName};
use crate::config::arn::RoleArn;
use crate::config::profiles::{Found, Profile, Profiles};
use crate::engine::duration;
use crate::engine::request::{
    Asked, ENDPOINT_URL, ENDPOINT_URL_SIGNIN, ENDPOINT_URL_STS, Given, OktaRequest, Request,
    SourceIdentity, Step, StsChoice,
};
use crate::engine::value::{Origin, Value};
use crate::engine::way::Auth;
use crate::error::{Error, Kind, Result};

/// As long as SDKs want credentials to be good before they ask for new ones (botocore's advisory
/// refresh).
const MIN_TTL: Duration = Duration::from_secs(15 * 60);

impl Request {
    /// Resolves `profile`, whose chain is `chain` (from [`Profiles::chain`]).
    ///
    /// # Errors
    /// When a value cannot be what its key wants, naming both; when the profile leads to no Okta
    /// app.
    pub fn resolve(profiles: &Profiles, chain: &[&Profile], asked: &Asked) -> Result<Self> {
        let Some(profile) = chain.last() else {
            return Err(Error::failed("a chain of roles without a profile"));
        };
        if let Some(key) = chain.first().and_then(|first| first.own_credentials()) {
            let (first, name) = (&chain[0].name, &profile.name);
            return Err(Error::failed(format!(
                "profile '{name}' does not begin at Okta: profile '{first}' has credentials of its own ({key})"
            ))
            .hint(format!("the AWS CLI uses it without robo: aws --profile {name} …")));
        }
        let mut notes = Vec::new();
        let own = Lookup { profiles, chain, asked };
        let min_ttl = match &asked.min_ttl {
            None => MIN_TTL,
            Some(text) => duration::parse(text)
                .map_err(|what| Error::usage(format!("--min-ttl {text} {what}")))?,
        };
        Ok(Self {
            profile: profile.name.clone(),
            okta: own.okta()?,
            steps: own.steps(&mut notes)?,
            region: own.checked_region()?,
            min_ttl,
            no_cache: asked.no_cache,
            signin_url: own.environment(ENDPOINT_URL_SIGNIN),
            notes,
        })
    }
}

/// One profile's view: its chain ends with it.
struct Lookup<'a> {
    profiles: &'a Profiles,
    chain: &'a [&'a Profile],
    asked: &'a Asked,
}

impl Lookup<'_> {
    /// Flag > environment > profile and up its chain > `[okta]`.
    fn get(&self, key: &str) -> Option<Value> {
        self.asked.overrides.get(key).cloned().or_else(|| self.configured(key))
    }

    /// How far away a value is from: the nearer of two that say the same thing is meant.
    fn distance(&self, origin: &Origin) -> usize {
        let up = |name: &String| self.chain.iter().rev().position(|one| one.name == *name);
        match origin {
            Origin::Flag(_) | Origin::Environment(_) => 0,
            Origin::Profile(name) => up(name).map_or(self.chain.len(), |at| at + 1),
            Origin::Okta | Origin::Settings | Origin::Default => self.chain.len() + 1,
        }
    }

    /// What only the environment says.
    fn environment(&self, name: &str) -> Option<String> {
        self.asked.overrides.get(name).map(|value| value.value.clone())
    }

    fn configured(&self, key: &str) -> Option<Value> {
        let Found { value, profile } = self.profiles.lookup(self.chain, key)?;
        let origin = profile.map_or(Origin::Okta, |name| Origin::Profile(name.to_owned()));
        Some(Value::new(value.to_owned(), origin))
    }

    /// A key that speaks of the profile's own role alone, as it does for the AWS CLI.
    fn own(&self, key: &str) -> Option<Value> {
        let profile = self.chain.last()?;
        let value = profile.properties.get(key).filter(|value| !value.is_empty())?;
        Some(Value::new(value.clone(), Origin::Profile(profile.name.clone())))
    }

    fn okta(&self) -> Result<OktaRequest> {
        let name = self.chain.last().map_or("", |profile| profile.name.as_str());
        let (app, app_id) = (self.get("aws_saml_url"), self.get("okta_app_id"));
        // A profile's own link is not overruled by the id of whatever is further up.
        let nearest = app.as_ref().map_or(usize::MAX, |app| self.distance(&app.origin));
        let app_id = app_id.filter(|id| self.distance(&id.origin) <= nearest);
        let client_id = self.get("okta_client_id");
        if app.is_none() && client_id.is_none() {
            return Err(no_app(name));
        }
        let auth = self.get("okta_auth").map(|value| checked(&value, Auth::parse)).transpose()?;
        for (key, id) in [("okta_client_id", &client_id), ("okta_app_id", &app_id)] {
            if let Some(id) = id {
                checked(id, |text| is_id(key, text))?;
            }
        }
        let code_command = self.get("mfa_code_command");
        let remember = self.get("mfa_remember_device");
        Ok(OktaRequest {
            domain: self.get("okta_domain"),
            account: self.get("okta_account_name"),
            app,
            app_id,
            client_id,
            auth: auth.unwrap_or_default(),
            given: Given { code_command, ..self.asked.given.clone() },
            session_key: self.get("okta_session_cookie_key"),
            provider: self.get("mfa_provider"),
            factor_type: self.get("mfa_factor_type"),
            duo_device: self.get("mfa_duo_device"),
            remember_device: remember.is_some_and(|value| is_true(&value.value)),
        })
    }

    fn region(&self) -> Option<Value> {
        self.get("region").or_else(|| self.asked.region.clone())
    }

    /// The region for the child, which is to be one: it goes into environments and scripts.
    fn checked_region(&self) -> Result<Option<Value>> {
        let is_region = |text: &str| Partition::of_region(text).map(|_| text.to_owned());
        let known = |region: &Value| region.value != "aws-global";
        self.region().filter(known).map(|region| checked(&region, is_region)).transpose()
    }

    fn steps(&self, notes: &mut Vec<String>) -> Result<Vec<Step>> {
        let mut steps = Vec::new();
        for end in 1..=self.chain.len() {
            let here = Lookup { chain: &self.chain[..end], ..*self };
            let role_arn = here.role_arn(end == self.chain.len())?;
            // A profile without a role of its own is another name for its source.
            if steps.is_empty() || role_arn.is_some() {
                steps.push(here.step(role_arn, steps.is_empty(), notes)?);
            }
        }
        Ok(steps)
    }

    /// The profile's own role; the last one's may be overruled.
    fn role_arn(&self, last: bool) -> Result<Option<Value>> {
        let overruled = self.asked.overrides.get("role_arn").filter(|_| last).cloned();
        let Some(role) = overruled.or_else(|| self.own("role_arn")) else { return Ok(None) };
        if RoleArn::parse(&role.value).is_none() {
            return Err(Error::failed(format!(
                "{}: role_arn = {} is not the ARN of a role",
                role.origin, role.value
            ))
            .hint("it looks like arn:aws:iam::222222222222:role/Administrator"));
        }
        Ok(Some(role))
    }

    fn step(&self, role_arn: Option<Value>, first: bool, notes: &mut Vec<String>) -> Result<Step> {
        let profile = self.chain.last().map_or("", |profile| profile.name.as_str()).to_owned();
        let duration = if first {
            self.duration("session_ttl", duration::LONGEST, notes)?
        } else {
            self.duration("assume_role_ttl", duration::HOUR, notes)?
        };
        let external_id = self.own("external_id");
        let external_id =
            external_id.map(|id| checked(&id, ExternalId::parse)).transpose()?.map(|id| id.value);
        let name = |key: &'static str| move |text: &str| SessionName::parse(key, text);
        let session_name = self.get("role_session_name");
        let session_name =
            session_name.map(|value| checked(&value, name("role_session_name"))).transpose()?;
        let source_identity = match self.get("source_identity") {
            None => None,
            Some(value) if is_true(&value.value) => Some(SourceIdentity::OktaUser),
            Some(value) if is_false(&value.value) => None,
            Some(value) => {
                Some(SourceIdentity::Text(checked(&value, name("source_identity"))?.value))
            }
        };
        let service_url = self
            .get("services")
            .and_then(|name| self.profiles.service_endpoint(&name.value, "sts").map(str::to_owned));
        let text = |value: Option<Value>| value.map(|value| value.value);
        Ok(Step {
            role_arn,
            duration,
            session_name,
            source_identity,
            external_id,
            sts: StsChoice {
                region: text(self.region()),
                regional: text(self.get("sts_regional_endpoints")),
                fips: text(self.get("use_fips_endpoint")),
                env_service_url: self.environment(ENDPOINT_URL_STS),
                env_url: self.environment(ENDPOINT_URL),
                service_url,
                profile_url: text(self.get("endpoint_url")),
                ignore_urls: text(self.get("ignore_configured_endpoint_urls")),
            },
            profile,
        })
    }

    /// `key`, else the profile's own `duration_seconds`, else an hour; never more than `most`.
    fn duration(
        &self,
        key: &'static str,
        most: Duration,
        notes: &mut Vec<String>,
    ) -> Result<Value<Duration>> {
        let ttl = self.get(key);
        let seconds = self.own("duration_seconds");
        let nearer = |ttl: &Value| match &ttl.origin {
            Origin::Flag(_) | Origin::Environment(_) => true,
            origin => seconds.as_ref().is_none_or(|seconds| seconds.origin == *origin),
        };
        let (key, text, read) = match (ttl.filter(nearer), &seconds) {
            (Some(ttl), _) => (key, ttl.clone(), duration::parse(&ttl.value)),
            (None, Some(seconds)) => {
                ("duration_seconds", seconds.clone(), duration::parse_seconds(&seconds.value))
            }
            (None, None) => return Ok(Value::default(duration::HOUR)),
        };
        let kind = kind_of(&text);
        let wrong = |what: &str| {
            Error::new(kind, format!("{}: {key} = {} {what}", text.origin, text.value))
                .hint("AWS gives sessions of 15m to 12h; write it as 45m, 1h or 1h30m")
        };
        let duration = read.map_err(wrong)?;
        if duration < duration::SHORTEST {
            return Err(wrong("is less than 15 minutes"));
        }
        if duration > most {
            let why = if most == duration::HOUR {
                "AWS gives a role that another role assumes 1 h at most"
            } else {
                "AWS gives 12 h at most"
            };
            let note = format!(
                "{}: {key} = {} is cut to {}: {why}",
                text.origin,
                text.value,
                duration::shown(most)
            );
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
        Ok(text.with(duration.min(most)))
    }
}

/// The error for a profile that leads to no app.
pub(super) fn no_app(profile: &str) -> Error {
    Error::failed(format!(
        "profile '{profile}' leads to no Okta app: neither it, nor its source profiles, nor [okta] has aws_saml_url"
    ))
    .hint("'robo aws.config' fetches your team's config, which has it")
    .hint("or write 'aws_saml_url = home/amazon_aws/0oa1b2c3d4/272' under [okta] in ~/.aws/config")
}

/// An id of Okta's, which has letters and digits alone.
fn is_id(key: &str, text: &str) -> Result<()> {
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Ok(());
    }
    Err(Error::failed(format!("{key} = {text} is no id of Okta's"))
        .hint("it looks like 0oa1b2c3d4e5f6g7h8i9"))
}

/// A value that was read as something, with an error that says where it stands.
fn checked<T>(value: &Value, read: impl Fn(&str) -> Result<T>) -> Result<Value<T>> {
    let read = read(&value.value);
    read.map(|read| value.with(read)).map_err(|error| {
        let told = Error::new(kind_of(value), error.to_string());
        let told = error.hints().iter().fold(told, Error::hint);
        told.hint(format!("it comes from {}", value.origin))
    })
}

/// A flag that cannot be right is a mistake of the command line.
fn kind_of(value: &Value) -> Kind {
    if matches!(value.origin, Origin::Flag(_)) { Kind::Usage } else { Kind::Failed }
}

fn is_true(text: &str) -> bool {
    matches!(text.to_ascii_lowercase().as_str(), "true" | "yes" | "on" | "1")
}

fn is_false(text: &str) -> bool {
    matches!(text.to_ascii_lowercase().as_str(), "false" | "no" | "off" | "0")
}

#[cfg(test)]
mod tests;
