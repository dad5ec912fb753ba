//! Which second factor to answer: the one asked for, the one used last, the only one, or the one
//! that the person picks.

use std::rc::Rc;

use crate::error::{Error, Kind, Result};
use crate::okta::domain::Domain;
use crate::okta::duo::DuoWay;
use crate::okta::factor::{Factor, FactorId, Way, names};
use crate::okta::given::GivenCode;
use crate::sys::prompt::Prompt;

/// How to choose and answer a second factor.
#[derive(Clone, Debug, Default)]
pub struct MfaChoice {
    /// The provider: `OKTA`, `GOOGLE`, `DUO` and so on, in any case.
    pub provider: Option<String>,
    /// The type: `push`, `token:software:totp`, `sms`, `web` and so on, in any case. `token` or
    /// `totp` means any that shows codes; with Duo, `push`, `call` and `passcode` say how.
    pub factor_type: Option<String>,
    /// Duo's device: `phone1` (the default), `phone2`, `token`.
    pub duo_device: Option<String>,
    /// Whether Okta is to remember this device, where its policy lets it.
    pub remember_device: bool,
    /// The factor that was used last.
    pub last: Option<FactorId>,
    /// A code that is there already, for a factor that shows codes.
    pub code: Option<Rc<GivenCode>>,
}

impl MfaChoice {
    /// Whether `factor` is what was asked for, in so many words.
    fn matches(&self, factor: &Factor) -> bool {
        let provider = self.provider.as_deref().is_none_or(|provider| factor.is(provider.trim()));
        let Some(wanted) = self.factor_type.as_deref().map(str::trim) else { return provider };
        provider && factor.id.factor_type.eq_ignore_ascii_case(wanted)
    }

    /// Whether `factor` is what was asked for, if the type is read with some sense.
    fn means(&self, factor: &Factor) -> bool {
        let provider = self.provider.as_deref().is_none_or(|provider| factor.is(provider.trim()));
        let Some(wanted) = &self.factor_type else { return provider };
        let wanted = wanted.trim().to_ascii_lowercase();
        let has = factor.id.factor_type.as_str();
        provider
            && match wanted.as_str() {
                "token" => has.starts_with("token"),
                "totp" | "software" => has == "token:software:totp",
                "hotp" => has == "token:hotp",
                "hardware" => has == "token:hardware",
                "push" | "call" | "phone" | "passcode" | "duo" if factor.way() == Way::Duo => true,
                "phone" => has == "call",
                "text" => has == "sms",
                // What aws-okta calls it, from before there was WebAuthn.
                "u2f" | "fido" | "fido2" => has == "webauthn",
                _ => false,
            }
    }

    /// Whether a code is there that was not used yet.
    fn has_code(&self) -> bool {
        self.code.as_ref().is_some_and(|code| !code.is_spent())
    }

    fn is_open(&self) -> bool {
        self.provider.is_none() && self.factor_type.is_none()
    }

    /// Whether `factor` is answered without typing.
    fn needs_no_typing(&self, factor: &Factor) -> bool {
        match factor.way() {
            Way::Push | Way::SecurityKey => true,
            Way::Code => self.has_code(),
            Way::Duo => DuoWay::of(self) != DuoWay::Passcode,
            _ => false,
        }
    }
}

/// What has to be known to choose.
pub(super) struct Chooser<'a> {
    pub(super) prompt: &'a dyn Prompt,
    pub(super) domain: &'a Domain,
    pub(super) mfa: &'a MfaChoice,
}

impl Chooser<'_> {
    /// The factor to answer. With `anew`, the one that was asked for has just failed and the
    /// person wants another: they pick.
    pub(super) fn choose(&self, factors: &[Factor], anew: bool) -> Result<Factor> {
        let (able, unable): (Vec<&Factor>, Vec<&Factor>) =
            factors.iter().partition(|factor| !matches!(factor.way(), Way::Not(_)));
        if anew {
            return self.pick(&able);
        }
        let wanted = self.wanted(factors)?;
        let candidates: Vec<&Factor> =
            able.into_iter().filter(|one| wanted.iter().any(|w| w.id == one.id)).collect();
        // Who hands in a code means a factor that has codes.
        let coded: Vec<&Factor> =
            candidates.iter().copied().filter(|one| one.way() == Way::Code).collect();
        let candidates = if self.mfa.has_code() && !coded.is_empty() { coded } else { candidates };
        match candidates.as_slice() {
            [] => Err(self.nothing_left(&wanted)),
            [only] => {
                if self.mfa.is_open() {
                    self.tell_skipped(&unable);
                }
                self.answerable(only)
            }
            several => match self.last(several) {
                Some(factor) => self.answerable(factor),
                None if self.prompt.can_ask() => {
                    self.tell_skipped(&unable);
                    self.pick(several)
                }
                None => self.without_anybody(several),
            },
        }
    }

    /// The factors that were asked for: all of them, if nothing was.
    fn wanted<'f>(&self, factors: &'f [Factor]) -> Result<Vec<&'f Factor>> {
        let exact: Vec<&Factor> = factors.iter().filter(|one| self.mfa.matches(one)).collect();
        if !exact.is_empty() {
            return Ok(exact);
        }
        let meant: Vec<&Factor> = factors.iter().filter(|one| self.mfa.means(one)).collect();
        if !meant.is_empty() || factors.is_empty() {
            return Ok(meant);
        }
        let asked = [&self.mfa.provider, &self.mfa.factor_type];
        let asked: Vec<&str> = asked.into_iter().flatten().map(String::as_str).collect();
        let error = Error::failed(format!(
            "the second factor '{}' is not set up for you at {}",
            asked.join(" "),
            self.domain
        ));
        Err(factors.iter().fold(error, |error, factor| {
            error.hint(format!("{}: {}", factor.name(), factor.flags()))
        }))
    }

    /// The one that was used last; failing that very one, one of its kind.
    fn last<'f>(&self, candidates: &[&'f Factor]) -> Option<&'f Factor> {
        let last = self.mfa.last.as_ref()?;
        let same_kind =
            |f: &FactorId| f.provider == last.provider && f.factor_type == last.factor_type;
        let same = candidates.iter().find(|factor| factor.id == *last);
        same.or_else(|| candidates.iter().find(|factor| same_kind(&factor.id))).copied()
    }

    fn pick(&self, factors: &[&Factor]) -> Result<Factor> {
        let names: Vec<String> = factors.iter().map(|factor| factor.listed()).collect();
        let index = self.prompt.pick("Second factor", &names)?;
        let picked = factors.get(index).copied().cloned();
        picked.ok_or_else(|| Error::failed("the answer names no second factor"))
    }

    /// A factor that has to be typed is no use where nobody is, and no message is sent for it.
    fn answerable(&self, factor: &Factor) -> Result<Factor> {
        if self.prompt.can_ask() || self.mfa.needs_no_typing(factor) {
            return Ok(factor.clone());
        }
        Err(Error::new(
            Kind::NeedsAnswer,
            format!("Okta asks for {}, and nobody is there to type it", factor.name()),
        )
        .hint("run it on a terminal once: the session lasts for a while")
        .maybe_hint(self.handed_in(factor).map(str::to_owned)))
    }

    /// What handing in a code has to do with a factor that has to be typed.
    fn handed_in(&self, factor: &Factor) -> Option<&'static str> {
        match (factor.way(), &self.mfa.code) {
            (Way::Code, None) => Some(
                "or hand in its code: --mfa-code, or --mfa-code-command with a program that prints it",
            ),
            (Way::Code, Some(_)) => Some(
                "the code that was handed in is used up; a program (--mfa-code-command) prints the next one",
            ),
            (_, Some(_)) => Some(
                "a code that is handed in answers only what shows codes by itself, such as Okta Verify",
            ),
            (_, None) => None,
        }
    }

    /// Nobody to ask: the one that needs no typing, if there is just one.
    fn without_anybody(&self, candidates: &[&Factor]) -> Result<Factor> {
        let silent = candidates.iter().filter(|factor| self.mfa.needs_no_typing(factor));
        // A phone is at hand more often than a key that is plugged in for good.
        let (keys, phones): (Vec<&&Factor>, Vec<&&Factor>) =
            silent.partition(|factor| factor.way() == Way::SecurityKey);
        let silent = if phones.is_empty() { keys } else { phones };
        if let [factor] = silent.as_slice() {
            self.prompt.note(&format!("Okta: using {}, which needs no typing.", factor.name()));
            return Ok((**factor).clone());
        }
        let error = Error::new(
            Kind::NeedsAnswer,
            format!("Okta asks for a second factor, and several are set up: {}", names(candidates)),
        );
        Err(candidates.iter().fold(error, |error, factor| {
            error.hint(format!("for {}: {}", factor.name(), factor.flags()))
        }))
    }

    fn tell_skipped(&self, unable: &[&Factor]) {
        for factor in unable {
            if let Way::Not(reason) = factor.way() {
                self.prompt.note(&format!("Okta: {} is left out: {reason}.", factor.name()));
            }
        }
    }

    /// There is a factor, but none that a terminal can answer.
    fn nothing_left(&self, wanted: &[&Factor]) -> Error {
        let domain = self.domain;
        let error = match wanted {
            [] => Error::new(
                Kind::OktaRefused,
                format!("Okta asks for a second factor, and none is set up for you ({domain})"),
            ),
            _ => Error::new(
                Kind::OktaRefused,
                format!("Okta's second factor cannot be answered in a terminal: {}", names(wanted)),
            ),
        };
        let error = wanted.iter().fold(error, |error, factor| match factor.way() {
            Way::Not(reason) => error.hint(format!("{}: {reason}", factor.name())),
            _ => error,
        });
        error.hint(format!(
            "set up Okta Verify (push or code) at https://{domain}/enduser/settings, or ask whoever runs Okta"
        ))
    }
}

#[cfg(test)]
mod tests;
