//! The credentials that the steps of a task run with.

use std::collections::BTreeMap;
use std::ffi::OsString;

use crate::cli::app::App;
use crate::cli::choose::Choose;
use crate::cli::handover::Environment;
use crate::cli::parts::Parts;
use crate::engine::{Request, Session};
use crate::error::Result;
use crate::tasks::RunStep;

/// What each profile that a task names has got, before its first step.
pub(super) struct Sessions<'a> {
    parts: Option<Parts<'a>>,
    sessions: BTreeMap<String, (Request, Session)>,
}

impl<'a> Sessions<'a> {
    /// Signs in for the profiles of all `steps`, so that nobody is asked in the middle of the work.
    pub(super) fn begin<'s>(
        app: &'a App,
        steps: impl IntoIterator<Item = &'s RunStep>,
    ) -> Result<Self> {
        let mut this = Self { parts: None, sessions: BTreeMap::new() };
        for step in steps {
            let Some(profile) = &step.profile else { continue };
            if this.sessions.contains_key(profile) {
                continue;
            }
            let (parts, request) = Parts::for_profile(app, Some(profile), &Choose::default())
                .map_err(|error| error.within(&step.name))?;
            let session = parts.credentials(&request)?;
            this.sessions.insert(profile.to_owned(), (request, session));
            this.parts = Some(parts);
        }
        Ok(this)
    }

    /// Whether no profile was named.
    pub(super) fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }

    /// The environment of a step with that profile; new credentials if the steps before it took so
    /// long that the first ones run out.
    pub(super) fn environment(
        &self,
        app: &App,
        profile: &str,
    ) -> Result<BTreeMap<OsString, OsString>> {
        let (Some(parts), Some((request, session))) = (&self.parts, self.sessions.get(profile))
        else {
            return Ok(BTreeMap::new());
        };
        let left = session.credentials.expiration.as_second() - parts.clock().now().as_second();
        // The time that a step may count on at the least, as a command of aws.exec may.
        let renewed = if left < LEAST { Some(parts.credentials(request)?) } else { None };
        let session = renewed.as_ref().unwrap_or(session);
        Ok(Environment::new(&request.profile, session).over(&app.env))
    }
}

/// In seconds.
const LEAST: i64 = 300;
