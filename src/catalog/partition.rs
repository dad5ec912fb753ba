//! The partitions of AWS, as far as a catalogue has to do with them.

/// Each partition, and what its regions' names begin with; all other regions are those of `aws`.
/// `aws::partition` has the same, and a test compares them.
const PARTITIONS: [(&str, &str); 4] =
    [("aws", ""), ("aws-cn", "cn-"), ("aws-us-gov", "us-gov-"), ("aws-eusc", "eusc-")];

/// The partition of an account that names none.
pub(super) const USUAL: &str = "aws";

/// The names of all.
pub(super) fn names() -> [&'static str; 4] {
    PARTITIONS.map(|(name, _)| name)
}

/// The partition of that name.
pub(super) fn named(name: &str) -> Option<&'static str> {
    names().into_iter().find(|known| *known == name)
}

/// The partition that a region is in; none when it is not the name of a region.
pub(super) fn of_region(region: &str) -> Option<&'static str> {
    let (words, last) = region.rsplit_once('-')?;
    let number = (1..=2).contains(&last.len()) && last.bytes().all(|b| b.is_ascii_digit());
    let word = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    if !number || !words.split('-').all(word) {
        return None;
    }
    let own = PARTITIONS[1..].iter().find(|(_, prefix)| region.starts_with(prefix));
    let mut parts = words.split('-');
    let usual = parts.next().is_some_and(|area| area.len() == 2) && parts.count() == 1;
    own.map(|(name, _)| *name).or(usual.then_some(USUAL))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::partition::Partition;

    #[test]
    fn partitions_are_those_that_credentials_are_got_for() {
        for name in names() {
            let arn = format!("arn:{name}:iam::111111111111:role/x");
            assert_eq!(Partition::of_arn(&arn).unwrap().name, name);
        }
        assert_eq!(named("aws-iso"), None);
        for region in [
            "us-east-1",
            "mx-central-1",
            "ap-southeast-7",
            "cn-north-1",
            "us-gov-east-1",
            "eusc-de-east-1",
            "",
            "-",
            "1",
            "us",
            "us-east",
            "us-east-",
            "us-east-1a",
            "us-iso-east-1",
            "US-EAST-1",
            "mars-north-1",
            "us-east-111",
            "us--1",
            "us-gov-1",
            "cn-1",
            "ü-b-1",
        ] {
            let want = Partition::of_region(region).ok().map(|partition| partition.name);
            assert_eq!(of_region(region), want, "{region}");
        }
    }
}
