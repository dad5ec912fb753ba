//! Where a service of AWS is: the address that somebody set, or the one of region and partition.

use url::{Host, Url};

use crate::aws::partition::Partition;
use crate::error::{Error, Result};

/// An address, and the region that requests to it are signed for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Endpoint {
    /// The address; https, or http to this very machine.
    pub url: Url,
    /// The region to sign for.
    pub region: String,
}

/// What flags, environment and profile say about where STS is. Each is the text as it was found;
/// [`sts`] weighs them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wishes<'a> {
    /// A flag of the command line.
    pub flag: Option<&'a str>,
    /// `AWS_ENDPOINT_URL_STS`.
    pub sts_variable: Option<&'a str>,
    /// `AWS_ENDPOINT_URL`.
    pub variable: Option<&'a str>,
    /// `endpoint_url` of `sts` in the `[services …]` section that the profile names.
    pub services: Option<&'a str>,
    /// The profile's own `endpoint_url`.
    pub profile: Option<&'a str>,
    /// `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS`, else the profile's
    /// `ignore_configured_endpoint_urls`: `true` leaves only the flag.
    pub ignore_configured: Option<&'a str>,
    /// `AWS_STS_REGIONAL_ENDPOINTS`, else the profile's `sts_regional_endpoints`: `regional`, the
    /// default, or `legacy`.
    pub regional_endpoints: Option<&'a str>,
    /// `AWS_USE_FIPS_ENDPOINT`, else the profile's `use_fips_endpoint`: `true` or `false`.
    pub fips: Option<&'a str>,
    /// The region. One of another partition than the role's is left aside.
    pub region: Option<&'a str>,
}

/// The regions that `legacy` sends to the one global address: botocore's endpoint rules of STS.
const LEGACY: [&str; 15] = [
    "ap-northeast-1",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// Where STS is for the role `role_arn`. The first address of these is taken: the flag,
/// `AWS_ENDPOINT_URL_STS`, `AWS_ENDPOINT_URL`, the profile's `services`, its `endpoint_url`, the
/// region's own.
///
/// # Errors
/// When the ARN, the region or a setting is not one, or an address is neither https nor on this
/// machine.
pub fn sts(role_arn: &str, wishes: &Wishes<'_>) -> Result<Endpoint> {
    let partition = Partition::of_arn(role_arn)?;
    let region = partition.region_or_default(wishes.region)?;
    if let Some((text, place)) = configured(wishes)? {
        return Ok(Endpoint { url: checked(text, place)?, region: region.to_owned() });
    }
    let fips = yes("use_fips_endpoint", wishes.fips)?;
    let global = legacy(wishes.regional_endpoints)? && LEGACY.contains(&region);
    let (host, region) = match (fips, global) {
        // GovCloud's plain hosts are the FIPS ones (botocore's endpoint rules of STS).
        (true, _) if partition.name != "aws-us-gov" => {
            (partition.service_host("sts-fips", region), region)
        }
        (false, true) => ("sts.amazonaws.com".to_owned(), "us-east-1"),
        _ => (partition.service_host("sts", region), region),
    };
    Ok(Endpoint { url: checked(&format!("https://{host}/"), "the region")?, region: region.into() })
}

/// The address that somebody set, and where.
pub fn configured<'a>(wishes: &Wishes<'a>) -> Result<Option<(&'a str, &'static str)>> {
    if let Some(flag) = wishes.flag {
        return Ok(Some((flag, "the command line")));
    }
    if yes("ignore_configured_endpoint_urls", wishes.ignore_configured)? {
        return Ok(None);
    }
    let places = [
        (wishes.sts_variable, "AWS_ENDPOINT_URL_STS"),
        (wishes.variable, "AWS_ENDPOINT_URL"),
        (wishes.services, "the profile's services section"),
        (wishes.profile, "the profile's endpoint_url"),
    ];
    Ok(places.into_iter().find_map(|(text, place)| Some((text?, place))))
}

/// An address that somebody set in `place`.
///
/// # Errors
/// When it is no web address, carries a login, a query or a fragment, or is plain http to another
/// machine. Only its host is in the error.
pub fn checked(text: &str, place: &str) -> Result<Url> {
    let refuse = |what: &str| {
        Err(Error::failed(format!("the address of AWS that {place} gives {what}"))
            .hint("write it as https://sts.eu-west-1.amazonaws.com, or take it out"))
    };
    let Ok(url) = Url::parse(text.trim()) else { return refuse("is not a URL") };
    let Some(host) = url.host() else { return refuse("names no host") };
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("has a login in it");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return refuse("has a ? or # in it");
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_this_machine(&host) => Ok(url),
        "http" => {
            refuse(&format!("is plain http to {host}, which is allowed to this machine only"))
        }
        scheme => refuse(&format!("is {scheme}, not https")),
    }
}

fn is_this_machine(host: &Host<&str>) -> bool {
    match host {
        // RFC 6761, section 6.3: every name below localhost is this machine.
        Host::Domain(name) => *name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

fn yes(name: &str, text: Option<&str>) -> Result<bool> {
    match text.map(str::to_ascii_lowercase).as_deref() {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(other) => {
            Err(Error::failed(format!("{name} is '{other}'")).hint("it is true or false"))
        }
    }
}

fn legacy(text: Option<&str>) -> Result<bool> {
    match text.map(str::to_ascii_lowercase).as_deref() {
        None | Some("regional") => Ok(false),
        Some("legacy") => Ok(true),
        Some(other) => Err(Error::failed(format!("sts_regional_endpoints is '{other}'"))
            .hint("it is regional or legacy")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLE: &str = "arn:aws:iam::111111111111:role/Admin";

    fn at(role: &str, wishes: &Wishes<'_>) -> (String, String) {
        let endpoint = sts(role, wishes).unwrap();
        (endpoint.url.to_string(), endpoint.region)
    }

    #[test]
    fn the_nearest_wish_wins() {
        let all = Wishes {
            flag: Some("https://a.example"),
            sts_variable: Some("https://b.example"),
            variable: Some("https://c.example"),
            services: Some("https://d.example/sts"),
            profile: Some("https://e.example"),
            region: Some("eu-west-1"),
            ..Wishes::default()
        };
        let mut wishes = all;
        let mut seen = vec![at(ROLE, &wishes).0];
        wishes.flag = None;
        seen.push(at(ROLE, &wishes).0);
        wishes.sts_variable = None;
        seen.push(at(ROLE, &wishes).0);
        wishes.variable = None;
        seen.push(at(ROLE, &wishes).0);
        wishes.services = None;
        seen.push(at(ROLE, &wishes).0);
        wishes.profile = None;
        seen.push(at(ROLE, &wishes).0);
        let want = [
            "https://a.example/",
            "https://b.example/",
            "https://c.example/",
            "https://d.example/sts",
            "https://e.example/",
            "https://sts.eu-west-1.amazonaws.com/",
        ];
        assert_eq!(seen, want);
        assert_eq!(at(ROLE, &all).1, "eu-west-1", "signed for the region all the same");

        let ignoring = Wishes { ignore_configured: Some("TRUE"), ..all };
        assert_eq!(at(ROLE, &ignoring).0, "https://a.example/");
        let ignoring = Wishes { flag: None, ..ignoring };
        assert_eq!(at(ROLE, &ignoring).0, "https://sts.eu-west-1.amazonaws.com/");
    }

    #[test]
    fn region_partition_and_settings_make_the_host() {
        let cases = [
            // partition, region, regional endpoints, FIPS; host, region to sign for
            ("aws", "", "", "", "sts.us-east-1.amazonaws.com", "us-east-1"),
            ("aws", "aws-global", "", "", "sts.us-east-1.amazonaws.com", "us-east-1"),
            ("aws", "af-south-1", "legacy", "", "sts.af-south-1.amazonaws.com", "af-south-1"),
            ("aws", "eu-west-1", "legacy", "", "sts.amazonaws.com", "us-east-1"),
            ("aws", "eu-west-1", "Regional", "false", "sts.eu-west-1.amazonaws.com", "eu-west-1"),
            ("aws", "us-west-2", "legacy", "true", "sts-fips.us-west-2.amazonaws.com", "us-west-2"),
            ("aws", "cn-north-1", "", "", "sts.us-east-1.amazonaws.com", "us-east-1"),
            ("aws-cn", "", "legacy", "", "sts.cn-northwest-1.amazonaws.com.cn", "cn-northwest-1"),
            ("aws-cn", "cn-north-1", "", "", "sts.cn-north-1.amazonaws.com.cn", "cn-north-1"),
            ("aws-us-gov", "", "", "true", "sts.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
            ("aws-us-gov", "eu-west-1", "", "", "sts.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
            ("aws-eusc", "", "", "", "sts.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1"),
        ];
        for (partition, region, regional_endpoints, fips, host, signed) in cases {
            let role = format!("arn:{partition}:iam::111111111111:role/Admin");
            fn set(text: &str) -> Option<&str> {
                Some(text).filter(|text| !text.is_empty())
            }
            let wishes = Wishes {
                region: set(region),
                regional_endpoints: set(regional_endpoints),
                fips: set(fips),
                ..Wishes::default()
            };
            assert_eq!(at(&role, &wishes), (format!("https://{host}/"), signed.to_owned()));
        }
    }

    #[test]
    fn plain_http_reaches_this_machine_only() {
        for good in [
            "http://localhost:4566",
            "http://sts.localhost:1/",
            "http://127.0.0.1:8080",
            "http://[::1]:8080/sts",
            "https://sts.example",
        ] {
            assert!(checked(good, "AWS_ENDPOINT_URL").is_ok(), "{good}");
        }
        for (bad, want) in [
            ("http://sts.example", "is plain http to sts.example,"),
            ("http://localhost.evil.example", "is plain http to localhost.evil.example,"),
            ("http://10.0.0.1", "is plain http to 10.0.0.1,"),
            ("http://[::2]", "is plain http to [::2],"),
            ("ftp://sts.example", "is ftp, not https"),
            ("https://u:hunter2@sts.example", "has a login in it"),
            ("https://sts.example/?k=hunter2", "has a ? or # in it"),
            ("https://sts.example/#x", "has a ? or # in it"),
            ("sts.example", "is not a URL"),
            ("", "is not a URL"),
            ("data:x", "names no host"),
        ] {
            let error = checked(bad, "AWS_ENDPOINT_URL").unwrap_err();
            let message = error.message();
            assert!(message.contains("AWS_ENDPOINT_URL") && message.contains(want), "{message}");
            assert!(!message.contains("hunter2"), "{message}");
        }
    }

    #[test]
    fn a_setting_that_is_none_is_told() {
        let wrong = [
            Wishes { fips: Some("maybe"), ..Wishes::default() },
            Wishes { regional_endpoints: Some("global"), ..Wishes::default() },
            Wishes { ignore_configured: Some("1"), ..Wishes::default() },
            Wishes { region: Some("evil.example/"), ..Wishes::default() },
        ];
        for wishes in wrong {
            assert!(sts(ROLE, &wishes).is_err(), "{wishes:?}");
        }
        assert!(sts("not an arn", &Wishes::default()).is_err());
    }
}
