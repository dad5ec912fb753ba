//! Signed commits: whose signature counts, which ones are new, and that nothing is turned back.

use std::path::Path;

use crate::cli::app::App;
use crate::cli::aws::config::{Args, team};
use crate::cli::signers;
use crate::config::base::BaseStore;
use crate::config::target::Target;
use crate::dotfiles::signed::signers::LARGEST;
use crate::dotfiles::signed::{self, Lineage, Refusal, Signature, Signers};
use crate::dotfiles::{Manifest, Mode, Source};
use crate::error::{Error, Result};
use crate::settings::{Pin, Settings, SettingsFile};
use crate::sys::folders::Folders;
use crate::sys::read;
use crate::tasks::shared::SharedStore;
use crate::ui::{shown, styles};

/// What this machine knows before it looks at the repo.
pub(super) struct Known {
    /// The signers that count; nothing where commits are taken unsigned.
    pinned: Option<Pinned>,
    /// The signers that were given for this run, with their file, for people.
    given: Option<(Signers, String)>,
    /// The commits of the repo that were applied last: the config's, and that of the commands.
    applied: Vec<String>,
}

struct Pinned {
    signers: Signers,
    /// The file, for people.
    place: String,
    /// Whether they came with this very repo. Signers that somebody set by hand, or for a whole
    /// company, are never changed by a repo.
    from_repo: bool,
    /// Whether the repo is another one than they came with.
    other_repo: bool,
}

/// What was found out about a commit.
#[derive(Default)]
pub(super) struct Checked {
    pub(super) signature: Option<Signature>,
    pub(super) news: Option<News>,
}

/// Signers that would be trusted from now on instead of the ones before.
pub(super) struct News {
    before: Option<Signers>,
    now: Option<Signers>,
}

impl Known {
    /// Reads the signers that the settings name.
    ///
    /// # Errors
    /// When they cannot be read: then nothing of a repo is taken.
    pub(super) fn read(
        args: &Args,
        app: &App,
        folders: &Folders,
        (settings, file): (&Settings, &SettingsFile),
        target: &Target,
        source: &Source,
    ) -> Result<Self> {
        let given = |revoked: Option<&[u8]>| {
            args.signers.as_ref().map(|path| given(path, revoked, app)).transpose()
        };
        let Some(signers::Pinned { signers, place }) = signers::pinned(app, settings, file)? else {
            return Ok(Self { pinned: None, given: given(None)?, applied: Vec::new() });
        };
        let given = given(signers.revoked())?;
        let trust = &settings.trust;
        let from_repo = trust.signers.as_deref().is_some_and(|path| file.is_own(path));
        let other_repo = from_repo && trust.dotfiles.as_deref() != Some(source.url());
        let pinned = Pinned { signers, place, from_repo, other_repo };
        let applied = applied(folders, target, source);
        Ok(Self { pinned: Some(pinned), given, applied })
    }

    /// Whether the history since the last commit has to come with the next.
    pub(super) fn wants_history(&self) -> bool {
        !self.applied.is_empty()
    }

    /// Checks a commit before anything of it is used.
    ///
    /// # Errors
    /// When it is not signed by those who count, or comes before what was applied last. Nothing
    /// else is taken in its place.
    pub(super) fn check(&self, args: &Args, app: &App, lineage: &Lineage<'_>) -> Result<Checked> {
        let pinned = self.pinned.as_ref().filter(|pinned| !pinned.other_repo);
        let from = match pinned {
            Some(_) => self.not_turned_back(args, app, lineage)?,
            None => None,
        };
        if let Some((signers, place)) = &self.given {
            return self.given(lineage, signers, place);
        }
        let Some(pinned) = pinned else { return self.first(lineage) };
        let vouched = lineage.vouched_for(&pinned.signers, from)?;
        let vouched = vouched.map_err(|refusal| pinned.refuse(lineage, &refusal))?;
        let named = named(lineage)?;
        let news = match named {
            Some(now) if now != pinned.signers && pinned.from_repo => {
                Some(News { before: Some(pinned.signers.clone()), now: Some(now) })
            }
            Some(_) => None,
            None if pinned.from_repo => {
                app.ui.warn(&format!(
                    "the repo names no signers any more; yours stay ({})",
                    pinned.place
                ));
                None
            }
            None => None,
        };
        if let Some(by) = &vouched.by {
            app.ui.say(format_args!(
                "  its signers are new; those that you trust signed them at {by}"
            ));
        }
        Ok(Checked { signature: Some(vouched.signature), news })
    }

    /// Signers that a person, or an onboarding script, has at hand. Where they signed for others that
    /// the repo names, those are pinned.
    fn given(&self, lineage: &Lineage<'_>, signers: &Signers, place: &str) -> Result<Checked> {
        let signature = lineage.verify(signers)?.map_err(|refusal| {
            refused(lineage, &refusal)
                .hint(format!("nothing was changed; who may sign is in {place}"))
        })?;
        let now = named(lineage)?.unwrap_or_else(|| signers.clone());
        let before = self.pinned.as_ref().map(|pinned| pinned.signers.clone());
        let news = (before.as_ref() != Some(&now)).then_some(News { before, now: Some(now) });
        Ok(Checked { signature: Some(signature), news })
    }

    /// A repo that nothing is known of: it has to keep to what it says of itself.
    fn first(&self, lineage: &Lineage<'_>) -> Result<Checked> {
        let before = self.pinned.as_ref().map(|pinned| pinned.signers.clone());
        let Some(now) = named(lineage)? else {
            let news = before.map(|before| News { before: Some(before), now: None });
            return Ok(Checked { signature: None, news });
        };
        let signature = lineage.verify(&now)?.map_err(|refusal| {
            refused(lineage, &refusal).hint(
                "its own robo.toml names who signs it ([trust] signers): that is the platform team's to mend",
            )
        })?;
        Ok(Checked { signature: Some(signature), news: Some(News { before, now: Some(now) }) })
    }

    /// Fails where the commit does not come after what was applied last; gives the commit that it
    /// does come after.
    fn not_turned_back(
        &self,
        args: &Args,
        app: &App,
        lineage: &Lineage<'_>,
    ) -> Result<Option<&str>> {
        if args.allow_rollback {
            return Ok(None);
        }
        let mode = if args.offline { Mode::Offline } else { Mode::Online };
        let waiting = || app.ui.say("Waiting for another robo to finish fetching …");
        for applied in &self.applied {
            if !lineage.descends_from(applied, mode, waiting)? {
                return Err(Error::failed(format!(
                    "{} at {} does not come after {}, which you took over last: the repo was turned back or rewritten",
                    lineage.source.display_name(),
                    lineage.snapshot.short(),
                    applied.get(..7).unwrap_or(applied),
                ))
                .hint("nothing was changed; ask your platform team whether they meant to")
                .hint("'robo aws.config --allow-rollback' takes it this once"));
            }
        }
        Ok(self.applied.first().map(String::as_str))
    }
}

impl Pinned {
    fn refuse(&self, lineage: &Lineage<'_>, refusal: &Refusal) -> Error {
        let error = refused(lineage, refusal)
            .hint(format!("nothing was changed; who may sign is in {}", self.place));
        match refusal {
            Refusal::Stranger(_) if self.from_repo => error.hint(
                "a new signer counts once one of those signs the commit that adds them to the repo",
            ),
            _ => error,
        }
    }
}

fn refused(lineage: &Lineage<'_>, refusal: &Refusal) -> Error {
    Error::failed(format!(
        "{} at {} {}",
        lineage.source.display_name(),
        lineage.snapshot.short(),
        refusal.words()
    ))
}

fn named(lineage: &Lineage<'_>) -> Result<Option<Signers>> {
    let (manifest, _) = Manifest::read(lineage.snapshot)
        .map_err(|error| team::at_commit(error, lineage.source, lineage.snapshot))?;
    signed::named(lineage.snapshot, &manifest.trust)
        .map_err(|error| team::at_commit(error, lineage.source, lineage.snapshot))
}

fn given(path: &Path, revoked: Option<&[u8]>, app: &App) -> Result<(Signers, String)> {
    let path = app.env.resolve(path);
    let place = app.env.display(&path);
    let bytes = read::ordinary(&path, LARGEST).map_err(|unread| {
        let error = Error::failed(format!("cannot read who may sign: {place} {}", unread.words()));
        error.maybe_because(unread.cause())
    })?;
    Ok((Signers::read(&bytes, &place)?.without(revoked.map(<[u8]>::to_vec)), place))
}

fn applied(folders: &Folders, target: &Target, source: &Source) -> Vec<String> {
    let config = BaseStore::new(&folders.state, target).recorded().map(|base| base.origin);
    let config = config.map(|origin| (origin.url, origin.commit));
    let tasks = SharedStore::new(&folders.state).load().ok().flatten();
    let tasks = tasks.map(|tasks| (tasks.origin().url.clone(), tasks.origin().commit.clone()));
    let mut commits: Vec<String> = [config, tasks]
        .into_iter()
        .flatten()
        .filter(|(url, _)| url == source.url())
        .map(|(_, commit)| commit)
        .collect();
    commits.dedup();
    commits
}

/// Says who signed.
pub(super) fn say(app: &App, signature: &Signature) {
    let dim = styles::DIM;
    app.ui.say(format_args!(
        "{dim}signed by {} ({} {}){dim:#}",
        shown(&signature.signer),
        signature.kind,
        shown(&signature.key)
    ));
}

impl News {
    /// What is new about them for people, a line each: all of the first ones, else what comes and
    /// what goes.
    ///
    /// # Errors
    /// When OpenPGP keys cannot be read.
    pub(super) fn lines(&self, app: &App) -> Result<Vec<(char, String)>> {
        let describe = |signers: &Option<Signers>| match signers {
            Some(signers) => signed::describe(signers, &app.env),
            None => Ok(Vec::new()),
        };
        let (before, now) = (describe(&self.before)?, describe(&self.now)?);
        let gone = before.iter().filter(|line| !now.contains(line)).map(|line| ('-', line.clone()));
        let new = now.iter().filter(|line| !before.contains(line)).map(|line| ('+', line.clone()));
        let mut lines: Vec<(char, String)> = gone.chain(new).collect();
        let revoked = |signers: &Option<Signers>| {
            signers.as_ref().and_then(|signers| signers.revoked().map(<[u8]>::to_vec))
        };
        match (revoked(&self.before), revoked(&self.now)) {
            (before, now) if before == now => {}
            (_, Some(_)) => lines.push(('+', "another list of revoked keys".to_owned())),
            (_, None) => lines.push(('-', "the list of revoked keys".to_owned())),
        }
        Ok(lines)
    }

    /// What to ask about, as the end of a question.
    pub(super) fn name(&self) -> &'static str {
        match self.now {
            Some(_) => "these signers",
            None => "commits that nobody signed",
        }
    }

    /// What to remember of it.
    pub(super) fn pin(&self) -> Pin {
        match &self.now {
            Some(now) => Pin::Signers(now.file(), now.revoked().map(<[u8]>::to_vec)),
            None => Pin::Nobody,
        }
    }
}
