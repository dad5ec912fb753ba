//! Teams by accounts, with the roles in the cells.

use crate::catalog::access::Access;

/// More columns than this are read by nobody.
const MOST_COLUMNS: usize = 8;

/// The cells, with a head of the columns and a name for each row.
pub(super) struct Matrix {
    /// What the rows and the columns are: `team \ account`.
    pub(super) corner: &'static str,
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<(String, Vec<String>)>,
}

impl Matrix {
    /// Teams in the rows; where there are too many accounts for columns, accounts in the rows;
    /// where there are too many of both, nothing.
    pub(super) fn of(access: &Access<'_>) -> Option<Self> {
        let teams: Vec<String> = access.teams.iter().map(|team| team.name.clone()).collect();
        let accounts: Vec<String> =
            access.accounts.iter().map(|account| account.name.clone()).collect();
        let turned = accounts.len() > MOST_COLUMNS;
        let (down, across, corner) = match turned {
            false => (teams, accounts, "team \\ account"),
            true => (accounts, teams, "account \\ team"),
        };
        if across.len() > MOST_COLUMNS || down.is_empty() || across.is_empty() {
            return None;
        }
        let at = |names: &[String], name: &str| names.iter().position(|known| known == name);
        let mut cells = vec![vec![Vec::new(); across.len()]; down.len()];
        for row in access.rows() {
            let (team, account) = (row.team.name.as_str(), row.account.name.as_str());
            let (r, c) = if turned { (account, team) } else { (team, account) };
            if let (Some(r), Some(c)) = (at(&down, r), at(&across, c)) {
                cells[r][c].push(row.role_name());
            }
        }
        let cells = cells.into_iter().map(|line| {
            line.into_iter().map(|roles: Vec<&str>| roles.join(", ")).collect::<Vec<_>>()
        });
        Some(Self { corner, columns: across, rows: down.into_iter().zip(cells).collect() })
    }
}
