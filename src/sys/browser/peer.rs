//! Whose program is at the other end of a connection within this machine.

use std::fs;
use std::net::{IpAddr, SocketAddr, TcpStream};

/// Whether the same user, or root, is at the other end. Where Linux does not tell (`/proc` is not
/// there, or does not list connections) this is true: the path is a secret all the same.
pub(super) fn is_same_user(connection: &TcpStream) -> bool {
    let (Ok(ours), Ok(theirs)) = (connection.local_addr(), connection.peer_addr()) else {
        return false;
    };
    let tables: Vec<String> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .into_iter()
        .filter_map(|path| fs::read_to_string(path).ok())
        .collect();
    judge(&tables, ours, theirs, nix::unistd::geteuid().as_raw())
}

fn judge(tables: &[String], ours: SocketAddr, theirs: SocketAddr, user: u32) -> bool {
    let owner = |from, to| tables.iter().find_map(|table| owner(table, from, to));
    match owner(theirs, ours) {
        // WSL brings the browser's connection from Windows as root, who could read robo's memory.
        Some(found) => found == user || found == 0,
        // The table has not even this end of it, so it says nothing of the other.
        None => owner(ours, theirs).is_none(),
    }
}

/// The user whose connection from `from` to `to` a table lists. Its columns: number, own address,
/// the other's, state, queues, timer, retransmissions, user (proc_net_tcp in the kernel's
/// documentation).
fn owner(table: &str, from: SocketAddr, to: SocketAddr) -> Option<u32> {
    table.lines().find_map(|line| {
        let mut columns = line.split_ascii_whitespace().skip(1);
        let (own, other) = (columns.next()?, columns.next()?);
        let is = |text: &str, address| text == short(address) || text == long(address);
        (is(own, from) && is(other, to)).then(|| columns.nth(4)?.parse().ok()).flatten()
    })
}

/// An address as `/proc/net/tcp` has it: each 32 bits in the machine's own byte order.
fn short(address: SocketAddr) -> String {
    match address.ip() {
        IpAddr::V4(ip) => {
            format!("{:08X}:{:04X}", u32::from_ne_bytes(ip.octets()), address.port())
        }
        IpAddr::V6(_) => String::new(),
    }
}

/// The same as `/proc/net/tcp6` has it: a socket of the newer family that speaks the older one.
fn long(address: SocketAddr) -> String {
    let mapped = u32::from_ne_bytes([0, 0, 0xff, 0xff]);
    format!("{:016X}{mapped:08X}{}", 0, short(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_endian = "little")]
    fn the_user_of_the_other_end_counts() {
        let head = "sl local_address rem_address st tx_queue rx_queue tr tm->when retrnsmt uid";
        let ours = "0: 0100007F:1F90 0100007F:A0B1 01 00000000:00000000 00:00000000 00000000 7 0 1";
        let line = |own: &str, other: &str, user: u32| {
            format!("1: {own} {other} 01 00000000:00000000 00:00000000 00000000 {user} 0 9 1")
        };
        let (here, there) = ("0100007F:1F90", "0100007F:A0B1");
        let long = |text: &str| format!("0000000000000000FFFF0000{text}");
        let cases = [
            ("ours", line(there, here, 7), true),
            ("root's", line(there, here, 0), true),
            ("another's", line(there, here, 8), false),
            ("by the newer family", line(&long(there), &long(here), 7), true),
            ("another's by the newer family", line(&long(there), &long(here), 8), false),
            ("not listed", line("0100007F:A0B2", here, 7), false),
            ("cut off", "1: 0100007F:A0B1 0100007F:1F90 01".to_owned(), false),
        ];
        let address = |port| SocketAddr::from(([127, 0, 0, 1], port));
        for (what, line, want) in cases {
            let tables = [format!("{head}\n{ours}\n"), format!("{head}\n{line}\n")];
            assert_eq!(judge(&tables, address(8080), address(0xA0B1), 7), want, "{what}");
        }
        for tables in [vec![], vec![head.to_owned()]] {
            assert!(judge(&tables, address(8080), address(0xA0B1), 7), "nothing is known");
        }
    }
}
