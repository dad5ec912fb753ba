//! Where robo keeps its own things.

use std::path::PathBuf;

use crate::error::{Error, Result};
use crate::sys::env::Env;

/// The folders that robo owns. They need not exist yet.
///
/// `ROBO_HOME` puts all of them in one folder; otherwise each follows its XDG variable, and the
/// operating system's convention (the crate `dirs`) where that is unset.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Folders {
    /// Holds `settings.toml`.
    pub settings: PathBuf,
    /// Holds the bare clone, `dotfiles.git`.
    pub data: PathBuf,
    /// Holds bases, backups and locks.
    pub state: PathBuf,
    /// Holds what can be fetched again.
    pub cache: PathBuf,
}

impl Folders {
    /// Finds the folders from the environment.
    ///
    /// # Errors
    /// When neither `ROBO_HOME`, the XDG variable nor a home folder says where one of them is.
    pub fn find(env: &Env) -> Result<Self> {
        if let Some(home) = env.get("ROBO_HOME") {
            let home = env.resolve(home.as_ref());
            return Ok(Self {
                settings: home.clone(),
                data: home.clone(),
                state: home.clone(),
                cache: home.join("cache"),
            });
        }
        let find = |variable: &str, system: Option<PathBuf>| {
            let system = system.filter(|folder| folder.is_absolute());
            env.absolute_path(variable).or(system).map(|folder| folder.join("robo")).ok_or_else(
                || {
                    Error::failed(format!("cannot tell where to keep robo's files: neither $HOME nor ${variable} is set"))
                        .hint("set HOME, or ROBO_HOME to a folder of robo's own")
                },
            )
        };
        Ok(Self {
            settings: find("XDG_CONFIG_HOME", dirs::config_dir())?,
            data: find("XDG_DATA_HOME", dirs::data_dir())?,
            state: find("XDG_STATE_HOME", dirs::state_dir().or_else(dirs::data_local_dir))?,
            cache: find("XDG_CACHE_HOME", dirs::cache_dir())?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn robo_home_holds_everything() {
        let env = Env::from_vars([("ROBO_HOME", "/r"), ("XDG_STATE_HOME", "/s")]);
        let folders = Folders::find(&env).unwrap();
        assert_eq!(folders.settings, Path::new("/r"));
        assert_eq!(folders.state, Path::new("/r"));
        assert_eq!(folders.cache, Path::new("/r/cache"));
    }

    #[test]
    fn an_xdg_variable_moves_its_own_folder() {
        let env = Env::from_vars([("XDG_STATE_HOME", "/s"), ("XDG_DATA_HOME", "relative")]);
        let folders = Folders::find(&env).unwrap();
        assert_eq!(folders.state, Path::new("/s/robo"));
        assert_ne!(folders.data, Path::new("relative/robo"));
    }
}
