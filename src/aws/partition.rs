//! The separate clouds of AWS: `aws`, China, GovCloud, the European Sovereign Cloud.

use crate::error::{Error, Result};

/// One of AWS's partitions: accounts, hosts and regions of its own, and no way into another.
#[derive(Debug, Eq, PartialEq)]
pub struct Partition {
    /// Its name, the second field of an ARN.
    pub name: &'static str,
    /// What its regions' names begin with; empty for `aws`, whose regions are all others.
    prefix: &'static str,
    /// What its service hosts end in.
    suffix: &'static str,
    /// The region for what names none.
    pub default_region: &'static str,
    /// The region whose console and sign-in hosts have no region in them, where there is one.
    plain_region: Option<&'static str>,
    /// The domain of its sign-in hosts, `signin.` before it.
    signin: &'static str,
    /// The domain of its console hosts, `console.` before it.
    console: &'static str,
}

/// The partitions that robo knows. Sources: botocore's `partitions.json` (names, regions, host
/// suffixes, the implicit global region); AWS General Reference, "AWS Sign-In endpoints"; for the
/// European Sovereign Cloud the endpoint rules of the service `signin` in AWS's SDKs.
static PARTITIONS: [Partition; 4] = [
    Partition {
        name: "aws",
        prefix: "",
        suffix: "amazonaws.com",
        default_region: "us-east-1",
        plain_region: Some("us-east-1"),
        signin: "aws.amazon.com",
        console: "aws.amazon.com",
    },
    Partition {
        name: "aws-cn",
        prefix: "cn-",
        suffix: "amazonaws.com.cn",
        default_region: "cn-northwest-1",
        plain_region: Some("cn-north-1"),
        signin: "amazonaws.cn",
        console: "amazonaws.cn",
    },
    Partition {
        name: "aws-us-gov",
        prefix: "us-gov-",
        suffix: "amazonaws.com",
        default_region: "us-gov-west-1",
        plain_region: Some("us-gov-west-1"),
        signin: "amazonaws-us-gov.com",
        console: "amazonaws-us-gov.com",
    },
    Partition {
        name: "aws-eusc",
        prefix: "eusc-",
        suffix: "amazonaws.eu",
        default_region: "eusc-de-east-1",
        plain_region: None,
        signin: "amazonaws-eusc.eu",
        console: "amazonaws-eusc.eu",
    },
];

impl Partition {
    /// The partition that an ARN is in.
    ///
    /// # Errors
    /// When it is not an ARN, or of a partition that robo does not know (the isolated ones).
    pub fn of_arn(arn: &str) -> Result<&'static Self> {
        let name = match arn.split(':').collect::<Vec<_>>()[..] {
            ["arn", name, _, _, _, ..] => name,
            _ => return Err(Error::failed(format!("'{arn}' is not an ARN"))),
        };
        PARTITIONS.iter().find(|partition| partition.name == name).ok_or_else(|| {
            let known = PARTITIONS.each_ref().map(|partition| partition.name).join(", ");
            Error::failed(format!("robo does not know the AWS partition '{name}' of {arn}"))
                .hint(format!("it knows {known}; check the ARN"))
        })
    }

    /// The partition that a region is in. A region that is new to robo is taken for one of `aws`
    /// when it is named as they are, such as `mx-central-1`.
    ///
    /// # Errors
    /// When it is not the name of a region, or one of the isolated partitions'. Nothing that
    /// passes can bend a host name that it is put into.
    pub fn of_region(region: &str) -> Result<&'static Self> {
        let unknown = || {
            Error::failed(format!("'{region}' is not the name of an AWS region"))
                .hint("a region is written like eu-west-1")
        };
        let parts: Vec<&str> = region.split('-').collect();
        let word = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
        let number =
            |part: &str| (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        let Some((last, words)) = parts.split_last() else { return Err(unknown()) };
        if !number(last) || !words.iter().all(|part| word(part)) {
            return Err(unknown());
        }
        let own = PARTITIONS
            .iter()
            .find(|partition| !partition.prefix.is_empty() && region.starts_with(partition.prefix));
        match (own, words) {
            (Some(partition), _) => Ok(partition),
            (None, [area, _]) if area.len() == 2 => Ok(&PARTITIONS[0]),
            _ => Err(unknown()),
        }
    }

    /// `region` if it is one of this partition, else the partition's default region.
    ///
    /// # Errors
    /// When it is not the name of a region at all.
    pub fn region_or_default<'a>(&'static self, region: Option<&'a str>) -> Result<&'a str> {
        // What the SDKs call the region of services that have none.
        let region = region.filter(|region| *region != "aws-global");
        Ok(match region {
            Some(region) if Self::of_region(region)? == self => region,
            _ => self.default_region,
        })
    }

    /// The host of a service in a region of this partition: `sts.eu-west-1.amazonaws.com`.
    pub fn service_host(&self, service: &str, region: &str) -> String {
        format!("{service}.{region}.{}", self.suffix)
    }

    /// The host that signs people in to the console in a region: `signin.aws.amazon.com` for
    /// `us-east-1`, else `eu-west-1.signin.aws.amazon.com`.
    pub fn signin_host(&self, region: &str) -> String {
        match self.plain_region {
            Some(plain) if plain == region => format!("signin.{}", self.signin),
            _ => self.regional_signin_host(region),
        }
    }

    /// The sign-in host with the region in front of it whatever the region is. Only so does a
    /// link that signs out first go on to where it should (guardian/janus-app #456).
    pub fn regional_signin_host(&self, region: &str) -> String {
        format!("{region}.signin.{}", self.signin)
    }

    /// The console's host in a region: `eu-west-1.console.aws.amazon.com`.
    pub fn console_host(&self, region: &str) -> String {
        let plain = self.name != "aws" && self.plain_region.is_none_or(|plain| plain == region);
        if plain {
            self.global_console_host()
        } else {
            format!("{region}.console.{}", self.console)
        }
    }

    /// The console's host for services that have no region: `console.aws.amazon.com`.
    pub fn global_console_host(&self) -> String {
        format!("console.{}", self.console)
    }

    /// Whether a host serves pages of this partition's console: `console.aws.amazon.com`,
    /// `us-east-1.quicksight.aws.amazon.com`.
    pub fn serves_pages(&self, host: &str) -> bool {
        host.strip_suffix(self.console)
            .is_some_and(|before| before.len() > 1 && before.ends_with('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_tells_its_partition() {
        for name in ["aws", "aws-cn", "aws-us-gov", "aws-eusc"] {
            let arn = format!("arn:{name}:iam::111111111111:role/Admin");
            assert_eq!(Partition::of_arn(&arn).unwrap().name, name);
        }
        for (arn, want) in [
            (
                "arn:aws-iso:iam::1:role/x",
                "the AWS partition 'aws-iso' of arn:aws-iso:iam::1:role/x",
            ),
            ("arn:gcp:iam::1:role/x", "the AWS partition 'gcp' of arn:gcp:iam::1:role/x"),
            ("role/x", "'role/x' is not an ARN"),
            ("arn:aws", "'arn:aws' is not an ARN"),
            ("", "'' is not an ARN"),
        ] {
            let error = Partition::of_arn(arn).unwrap_err();
            assert!(error.message().contains(want), "{arn}: {error}");
        }
    }

    #[test]
    fn a_region_tells_its_partition() {
        let cases = [
            ("us-east-1", "aws"),
            ("eu-west-3", "aws"),
            ("mx-central-1", "aws"),
            ("ap-southeast-7", "aws"),
            ("zz-new-12", "aws"),
            ("cn-north-1", "aws-cn"),
            ("us-gov-east-1", "aws-us-gov"),
            ("eusc-de-east-1", "aws-eusc"),
        ];
        for (region, want) in cases {
            assert_eq!(Partition::of_region(region).unwrap().name, want, "{region}");
        }
        for bad in [
            "",
            "-",
            "1",
            "us",
            "us-east",
            "us-east-",
            "us-east-1a",
            "us-iso-east-1",
            "US-EAST-1",
            "us-east-1.evil.example",
            "evil.example/",
            "us-east-1#",
            "a b-c-1",
            "mars-north-1",
            "us-east-111",
            "us--1",
        ] {
            assert!(Partition::of_region(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_region_of_another_partition_is_not_used() {
        let gov = Partition::of_arn("arn:aws-us-gov:iam::1:role/x").unwrap();
        for (region, want) in [
            (None, "us-gov-west-1"),
            (Some("eu-west-1"), "us-gov-west-1"),
            (Some("aws-global"), "us-gov-west-1"),
            (Some("us-gov-east-1"), "us-gov-east-1"),
        ] {
            assert_eq!(gov.region_or_default(region).unwrap(), want, "{region:?}");
        }
        assert!(gov.region_or_default(Some("nowhere")).is_err());
    }

    #[test]
    fn hosts_follow_partition_and_region() {
        let cases = [
            (
                "us-east-1",
                "sts.us-east-1.amazonaws.com",
                "signin.aws.amazon.com",
                "us-east-1.console.aws.amazon.com",
            ),
            (
                "eu-west-1",
                "sts.eu-west-1.amazonaws.com",
                "eu-west-1.signin.aws.amazon.com",
                "eu-west-1.console.aws.amazon.com",
            ),
            (
                "us-gov-west-1",
                "sts.us-gov-west-1.amazonaws.com",
                "signin.amazonaws-us-gov.com",
                "console.amazonaws-us-gov.com",
            ),
            (
                "us-gov-east-1",
                "sts.us-gov-east-1.amazonaws.com",
                "us-gov-east-1.signin.amazonaws-us-gov.com",
                "us-gov-east-1.console.amazonaws-us-gov.com",
            ),
            (
                "cn-north-1",
                "sts.cn-north-1.amazonaws.com.cn",
                "signin.amazonaws.cn",
                "console.amazonaws.cn",
            ),
            (
                "cn-northwest-1",
                "sts.cn-northwest-1.amazonaws.com.cn",
                "cn-northwest-1.signin.amazonaws.cn",
                "cn-northwest-1.console.amazonaws.cn",
            ),
            (
                "eusc-de-east-1",
                "sts.eusc-de-east-1.amazonaws.eu",
                "eusc-de-east-1.signin.amazonaws-eusc.eu",
                "console.amazonaws-eusc.eu",
            ),
        ];
        for (region, sts, signin, console) in cases {
            let partition = Partition::of_region(region).unwrap();
            assert_eq!(partition.service_host("sts", region), sts);
            assert_eq!(partition.signin_host(region), signin);
            assert_eq!(partition.console_host(region), console);
        }
    }

    #[test]
    fn pages_are_on_hosts_of_the_partition_alone() {
        let aws = Partition::of_region("eu-west-1").unwrap();
        assert!(aws.serves_pages("console.aws.amazon.com"));
        assert!(aws.serves_pages("eu-west-1.quicksight.aws.amazon.com"));
        for host in
            ["aws.amazon.com", ".aws.amazon.com", "evilaws.amazon.com", "console.amazonaws.cn"]
        {
            assert!(!aws.serves_pages(host), "{host}");
        }
    }
}
