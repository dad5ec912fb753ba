//! Columns for a person at a terminal.

use crate::catalog::access::matrix::Matrix;
use crate::catalog::access::{Access, Row};
use crate::sys::text::plain;

pub(super) fn render(access: &Access<'_>, everything: bool) -> String {
    let matrix = everything.then(|| Matrix::of(access)).flatten();
    let mut text = match matrix {
        Some(matrix) => columns(&cells(&matrix)),
        None => columns(&list(access)),
    };
    if !access.not_granted().is_empty() {
        text.push_str("\nNot granted by the catalogue, but in hand-written files:\n");
        let found = access.not_granted().iter().map(|found| {
            vec![
                found.team.clone(),
                found.profile.clone(),
                found.role_arn.clone(),
                found.place.clone(),
            ]
        });
        text.push_str(&columns(&found.collect::<Vec<_>>()));
    }
    text
}

fn cells(matrix: &Matrix) -> Vec<Vec<String>> {
    let head = [matrix.corner.to_uppercase()].into_iter().chain(matrix.columns.iter().cloned());
    let rows = matrix.rows.iter().map(|(name, cells)| {
        let cells = cells.iter().map(|cell| or_dash(cell));
        [name.clone()].into_iter().chain(cells).collect()
    });
    [head.collect()].into_iter().chain(rows).collect()
}

fn list(access: &Access<'_>) -> Vec<Vec<String>> {
    let head = ["TEAM", "ACCOUNT", "ID", "ROLE", "IAM ROLE", "POLICIES", "SESSION", "GRANTED AT"];
    let head = head.map(str::to_owned).to_vec();
    let row = |row: &Row<'_>| {
        let catalog = access.catalog;
        let iam = row.role().map_or(&row.team.hub_role.value, |role| &role.iam_name);
        vec![
            row.team.name.clone(),
            row.account.name.clone(),
            row.account.id.clone(),
            row.role_name().to_owned(),
            iam.clone(),
            or_dash(&row.may()),
            or_dash(row.session(catalog).unwrap_or_default()),
            row.granted_at(catalog).join(" "),
        ]
    };
    [head].into_iter().chain(access.rows().iter().map(row)).collect()
}

fn or_dash(text: &str) -> String {
    if text.is_empty() { "-".to_owned() } else { text.to_owned() }
}

/// Lines whose columns are under each other. No text steers the terminal.
pub(super) fn columns(lines: &[Vec<String>]) -> String {
    let lines: Vec<Vec<String>> = lines
        .iter()
        .map(|line| line.iter().map(|cell| plain(cell).into_owned()).collect())
        .collect();
    let count = lines.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..count).map(width).collect();
    let mut text = String::new();
    for line in &lines {
        let mut whole = String::new();
        for (cell, width) in line.iter().zip(&widths) {
            let pad = width - cell.chars().count() + 2;
            whole.push_str(cell);
            whole.push_str(&" ".repeat(pad));
        }
        text.push_str(whole.trim_end());
        text.push('\n');
    }
    text
}
