//! Signed commits: whose signature counts, which ones are new, and that nothing is turned back.

use std::path::Path;

use crate::cli::app::App;
use crate::cli::aws::config::{Args, team};
use crate::cli::signers;
use crate::config::base::BaseStore;
use crate::config::target::Target;
use crate::dotfiles::signed::{self, Lineage, Refusal, Signature, Signers, Verdict};
use crate::dotfiles::{BareClone, Manifest, Source};
use crate::error::{Error, Result};
use crate::settings::{Pin, Settings, SettingsFile};
use crate::sys::folders::Folders;
use crate::tasks::shared::SharedStore;
use crate::ui::{shown, styles};

/// What this machine knows before it looks at the repo.
pub(super) struct Known {
    /// The signers that count; nothing where commits are taken unsigned.
    pinned: Option<Pinned>,
    /// The signers that were given for this run, with their file, for people.
    given: Option<(Signers, String)>,
    /// The commit that was taken over last, while commits had to be signed.
    signed: Option<String>,
    /// Other commits that were applied: to another file, or before commits had to be signed.
    applied: Vec<String>,
}

struct Pinned {
    signers: Signers,
    /// The file, for people.
    place: String,
    /// Whether they came with this very repo. Signers that somebody set by hand, or for a whole
    /// company, are never changed by a repo, nor by a script.
    from_repo: bool,
    /// Whether the repo is another one than they came with.
    other_repo: bool,
}

/// What was found out about a commit.
#[derive(Default)]
pub(super) struct Checked {
    /// Whether it had to be signed.
    pub(super) asked_for: bool,
    /// Nothing where it was taken over before, by signers who have handed over since.
    pub(super) signature: Option<Signature>,
    pub(super) news: Option<News>,
}

/// What comes (`+`) or goes (`-`), safe to show.
pub(super) type Line = (char, String);

/// Signers that would be trusted from now on instead of the ones before.
pub(super) struct News {
    before: Option<Signers>,
    now: Option<Signers>,
    /// The file of signers that was given, where none of those who count has signed.
    only_given: Option<String>,
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
        let given = args.signers.as_ref().map(|path| given(path, app)).transpose()?;
        let Some(signers::Pinned { signers, place }) = signers::pinned(app, settings, file)? else {
            return Ok(Self { pinned: None, given, signed: None, applied: Vec::new() });
        };
        let trust = &settings.trust;
        let from_repo = trust.signers.as_deref().is_some_and(|path| file.is_own(path, &app.env));
        let is_same = trust.dotfiles.as_deref() == Some(source.url());
        let pinned = Pinned { signers, place, from_repo, other_repo: from_repo && !is_same };
        let is_id = |id: &String| {
            matches!(id.len(), 40 | 64) && id.bytes().all(|byte| byte.is_ascii_hexdigit())
        };
        if trust.signed.as_ref().is_some_and(|id| !is_id(id)) {
            return Err(Error::failed(format!(
                "{}: 'signed' in [trust] is no commit's id",
                file.path().display()
            ))
            .hint("it is the commit that was taken over last; without it the next one is not compared"));
        }
        let signed = trust.signed.clone().filter(|_| is_same);
        let applied = applied(folders, target, source);
        Ok(Self { pinned: Some(pinned), given, signed, applied })
    }

    /// Whether the history since the last commit has to come with the next.
    pub(super) fn wants_history(&self) -> bool {
        self.signed.is_some() || !self.applied.is_empty()
    }

    /// Checks a commit before anything of it is used.
    ///
    /// # Errors
    /// When it is not signed by those who count, or comes before what was taken over last. Nothing
    /// else is taken in its place.
    pub(super) fn check(
        &self,
        args: &Args,
        app: &App,
        clone: &BareClone<'_>,
        lineage: &Lineage<'_>,
    ) -> Result<Checked> {
        let pinned = self.pinned.as_ref().filter(|pinned| !pinned.other_repo);
        if pinned.is_some() && !args.allow_rollback {
            self.not_turned_back(args, app, clone, lineage)?;
        }
        match (pinned, &self.given) {
            (Some(pinned), given) if !pinned.from_repo => {
                if given.is_some() {
                    app.ui.warn(&format!(
                        "--signers is passed over: your settings name {}",
                        pinned.place
                    ));
                }
                pinned.check_as_set(lineage)
            }
            (None, Some((signers, place))) => self.check_given(lineage, signers, place),
            (Some(pinned), given) => match (self.check_pinned(app, lineage, pinned), given) {
                // What holds by itself needs no other signers.
                (Err(_), Some((signers, place))) => {
                    let revoked = pinned.signers.revoked().map(<[u8]>::to_vec);
                    let signers = signers.clone().without(revoked, &pinned.place)?;
                    let mut checked = self.check_given(lineage, &signers, place)?;
                    let now = checked.news.take().and_then(|news| news.now);
                    let before = Some(pinned.signers.clone());
                    let now = now.or_else(|| before.clone());
                    checked.news = Some(News { before, now, only_given: Some(place.clone()) });
                    Ok(checked)
                }
                (checked, _) => checked,
            },
            (None, None) => self.check_first(lineage),
        }
        .and_then(|checked| {
            if let Some(now) = checked.news.as_ref().and_then(|news| news.now.as_ref()) {
                signed::check(now, &app.env)
                    .map_err(|error| team::at_commit(error, lineage.source, lineage.snapshot))?;
            }
            Ok(checked)
        })
    }

    fn check_pinned(&self, app: &App, lineage: &Lineage<'_>, pinned: &Pinned) -> Result<Checked> {
        let now = named(lineage)?;
        if now.is_none() {
            app.ui.warn(&format!(
                "the repo names no signers any more; yours stay ({})",
                pinned.place
            ));
        }
        let news = now.filter(|now| *now != pinned.signers);
        let before = Some(pinned.signers.clone());
        let news = news.map(|now| News { before, now: Some(now), only_given: None });
        if self.signed.as_deref() == Some(&*lineage.snapshot.id()) {
            let signature = lineage.verify(&pinned.signers)?.ok();
            return Ok(Checked { asked_for: true, signature, news });
        }
        let verdict = match self.signed.as_deref() {
            Some(from) if lineage.descends_from(from)? => lineage.judge(&pinned.signers, from)?,
            _ => Verdict { signature: lineage.verify(&pinned.signers)?, by: None },
        };
        let by = verdict.by;
        let signature = verdict.signature.map_err(|refusal| {
            let error = refused(lineage, &refusal);
            let error = match &by {
                None => error.hint(nothing_changed(&pinned.place)),
                Some(by) => error.hint(format!(
                    "nothing was changed; since {by} others may sign than those in {}", pinned.place
                )),
            };
            error.maybe_hint(match refusal {
                Refusal::Stranger(_) => Some("a new signer counts once one of those signs the commit that adds them to the repo".to_owned()),
                Refusal::Expired => Some("if it was good in its time: 'robo aws.config --signers FILE' goes by signers that you have from somebody else".to_owned()),
                _ => None,
            })
        })?;
        if let Some(by) = by {
            app.ui.say(format_args!(
                "  its signers are new; those that you trust signed them at {by}"
            ));
        }
        Ok(Checked { asked_for: true, signature: Some(signature), news })
    }

    /// Signers that a person, or an onboarding script, has at hand. Where they signed for others that
    /// the repo names, those are pinned.
    fn check_given(
        &self,
        lineage: &Lineage<'_>,
        signers: &Signers,
        place: &str,
    ) -> Result<Checked> {
        let signature = lineage
            .verify(signers)?
            .map_err(|refusal| refused(lineage, &refusal).hint(nothing_changed(place)))?;
        let now = named(lineage)?.unwrap_or_else(|| signers.clone());
        let before = self.pinned.as_ref().map(|pinned| pinned.signers.clone());
        let is_new = before.as_ref() != Some(&now);
        let news = is_new.then_some(News { before, now: Some(now), only_given: None });
        Ok(Checked { asked_for: true, signature: Some(signature), news })
    }

    /// A repo that nothing is known of: it has to keep to what it says of itself.
    fn check_first(&self, lineage: &Lineage<'_>) -> Result<Checked> {
        let before = self.pinned.as_ref().map(|pinned| pinned.signers.clone());
        let Some(now) = named(lineage)? else {
            let news =
                before.map(|before| News { before: Some(before), now: None, only_given: None });
            return Ok(Checked { asked_for: false, signature: None, news });
        };
        let signature = lineage.verify(&now)?.map_err(|refusal| {
            refused(lineage, &refusal).hint(
                "its own robo.toml names who signs it ([trust] signers): that is the platform team's to mend, by a commit that one of those signs",
            )
        })?;
        let news = Some(News { before, now: Some(now), only_given: None });
        Ok(Checked { asked_for: true, signature: Some(signature), news })
    }

    /// Fails where the commit does not come after what was taken over last; fetches the history
    /// where that is not known.
    fn not_turned_back(
        &self,
        args: &Args,
        app: &App,
        clone: &BareClone<'_>,
        lineage: &Lineage<'_>,
    ) -> Result<()> {
        for last in self.signed.iter().chain(&self.applied) {
            if lineage.descends_from(last)? {
                continue;
            }
            if clone.is_shallow() && args.offline {
                return Err(Error::failed(format!(
                    "cannot tell whether {} of {} comes after what was taken over last: its history was not fetched",
                    lineage.snapshot.short(),
                    lineage.source.display_name()
                ))
                .hint("run it without '--offline'; nothing was changed"));
            }
            if clone.is_shallow() {
                let waiting = || app.ui.say("Waiting for another robo to finish fetching …");
                clone.unshallow(lineage.source, waiting)?;
                if lineage.descends_from(last)? {
                    continue;
                }
            }
            return Err(Error::failed(format!(
                "{} at {} does not come after {}, which you took over last: the repo was turned back or rewritten, or it is another branch",
                lineage.source.display_name(),
                lineage.snapshot.short(),
                last.get(..7).unwrap_or(last),
            ))
            .hint("nothing was changed; ask your platform team whether they meant to")
            .hint("'robo aws.config --allow-rollback' takes it this once"));
        }
        Ok(())
    }
}

impl Pinned {
    /// Signers that no repo changes.
    fn check_as_set(&self, lineage: &Lineage<'_>) -> Result<Checked> {
        let signature = lineage
            .verify(&self.signers)?
            .map_err(|refusal| refused(lineage, &refusal).hint(nothing_changed(&self.place)))?;
        Ok(Checked { asked_for: true, signature: Some(signature), news: None })
    }
}

fn nothing_changed(place: &str) -> String {
    format!("nothing was changed; who may sign is in {place}")
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

fn given(path: &Path, app: &App) -> Result<(Signers, String)> {
    let path = app.env.resolve(path);
    let place = app.env.display(&path);
    let bytes = signers::bytes(&path, &place)?;
    Ok((Signers::read(&bytes, &place)?, place))
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
    pub(super) fn lines(&self, app: &App) -> Result<Vec<Line>> {
        let describe = |signers: &Option<Signers>| match signers {
            Some(signers) => signed::describe(signers, &app.env),
            None => Ok(Vec::new()),
        };
        let (before, now) = (describe(&self.before)?, describe(&self.now)?);
        let gone = before.iter().filter(|line| !now.contains(line)).map(|line| ('-', line.clone()));
        let new = now.iter().filter(|line| !before.contains(line)).map(|line| ('+', line.clone()));
        let mut lines: Vec<Line> = gone.chain(new).collect();
        let revoked = |signers: &Option<Signers>| {
            signers.as_ref().and_then(|signers| signers.revoked().map(<[u8]>::to_vec))
        };
        match (revoked(&self.before), revoked(&self.now)) {
            (before, now) if before == now => {}
            (None, Some(_)) => lines.push(('+', "less those on a list of revoked keys".to_owned())),
            (Some(_), Some(_)) => lines.push(('+', "another list of revoked keys".to_owned())),
            (_, None) => lines.push(('-', "the list of revoked keys".to_owned())),
        }
        if let Some(place) = &self.only_given {
            lines.push((
                '+',
                format!("a commit that those of {place} signed, and nobody whom you trust"),
            ));
        }
        Ok(lines)
    }

    /// Whether there were others before.
    pub(super) fn replaces(&self) -> bool {
        self.before.is_some()
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
