//! The console: a link that signs in with a profile's role.

use crate::aws::destination::Page;
use crate::aws::signin::{self, Console};
use crate::engine::{Engine, Request, duration};
use crate::error::{Error, Result};
use crate::sys::secret::Secret;

/// What to open.
#[derive(Clone, Debug, Default)]
pub struct ConsoleRequest {
    /// The service, such as `s3`; the console's own home unless it is named.
    pub service: Option<String>,
    /// A page of the console: an address, or its path. Goes before `service`.
    pub destination: Option<String>,
    /// Whether the browser is signed out first.
    pub logout_first: bool,
    /// How long the console session shall be, such as `8h`.
    pub ttl: Option<String>,
}

impl Engine<'_> {
    /// An address that opens the console with the role of `request`, for whoever has it: it is a
    /// secret for the 15 minutes that it works.
    ///
    /// # Errors
    /// As [`Engine::credentials`]; when the sign-in service refuses; when the destination is not
    /// one of the console.
    pub fn console(&self, request: &Request, console: &ConsoleRequest) -> Result<Secret> {
        let duration = console.ttl.as_deref().map(|text| {
            duration::parse(text)
                .map_err(|what| Error::usage(format!("--console-ttl {text} {what}")))
        });
        let duration = duration.transpose()?;
        let page = match (&console.destination, &console.service) {
            (Some(destination), _) => Page::Address(destination),
            (None, Some(service)) => Page::Service(service),
            (None, None) => Page::Home,
        };
        let mut asked = Console {
            region: request.region.as_ref().map(|region| region.value.as_str()),
            page,
            issuer: None,
            duration,
            logout_first: console.logout_first,
            endpoint: request.signin_url.as_deref(),
        };
        // Nobody shall take out their phone for a page that there is not.
        if let Some(role) = request.steps.last().and_then(|step| step.role_arn.as_ref()) {
            signin::check(&role.value, &asked)?;
        }
        let session = self.credentials(request)?;
        if duration.is_some() && session.chained {
            self.prompt.note("AWS sets the length of a console session only for the role that Okta gives itself; this one lasts as long as the credentials");
            asked.duration = None;
        }
        let login = signin::login_url(self.http, &session.credentials, &asked)?;
        if login.duration_refused {
            self.prompt.note("AWS did not take the length of the console session; it lasts as long as the credentials");
        }
        Ok(login.url)
    }
}
