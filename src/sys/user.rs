//! Who runs this process.

use crate::sys::env::Env;

/// A user of this machine.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct User {
    /// The whole name, as the user database has it.
    pub name: String,
    /// The name to log in by.
    pub username: String,
    /// The home folder.
    pub home: String,
}

/// The user of this process by the user database, else by the environment.
pub fn current(env: &Env) -> User {
    from_database().unwrap_or_else(|| User {
        name: String::new(),
        username: env.text("USER").or_else(|| env.text("USERNAME")).unwrap_or_default(),
        home: env.home().map(|home| home.display().to_string()).unwrap_or_default(),
    })
}

#[cfg(unix)]
fn from_database() -> Option<User> {
    let user = nix::unistd::User::from_uid(nix::unistd::Uid::current()).ok()??;
    let gecos = user.gecos.to_string_lossy();
    // passwd(5): the name ends at the first comma, rooms and telephones follow.
    let name = gecos.split(',').next().unwrap_or_default().to_owned();
    Some(User { name, home: user.dir.display().to_string(), username: user.name })
}

#[cfg(not(unix))]
fn from_database() -> Option<User> {
    None
}
