//! The page of the console that somebody wants to see.

use url::Url;

use crate::aws::partition::Partition;
use crate::error::{Error, Result};

/// A page of the console.
#[derive(Clone, Copy, Debug, Default)]
pub enum Page<'a> {
    /// The console's first page.
    #[default]
    Home,
    /// A service's first page, by the name that the AWS CLI has for it or by a short one: `s3`,
    /// `cfn`.
    Service(&'a str),
    /// A path on the console's host, or a whole address.
    Address(&'a str),
}

/// Services whose path in the console is not their name.
const PATHS: [(&str, &str); 40] = [
    ("apigw", "apigateway"),
    ("c9", "cloud9"),
    ("ce", "cost-management"),
    ("cf", "cloudfront"),
    ("cfn", "cloudformation"),
    ("codeartifact", "codesuite/codeartifact"),
    ("codebuild", "codesuite/codebuild"),
    ("codecommit", "codesuite/codecommit"),
    ("codedeploy", "codesuite/codedeploy"),
    ("codepipeline", "codesuite/codepipeline"),
    ("cognito-idp", "cognito/v2"),
    ("ct", "cloudtrail"),
    ("cw", "cloudwatch"),
    ("ddb", "dynamodbv2"),
    ("directconnect", "directconnect/v2"),
    ("dms", "dms/v2"),
    ("dx", "directconnect/v2"),
    ("dynamodb", "dynamodbv2"),
    ("eb", "elasticbeanstalk"),
    ("ecs", "ecs/v2"),
    ("es", "aos"),
    ("eventbridge", "events"),
    ("gd", "guardduty"),
    ("kafka", "msk"),
    ("l", "lambda"),
    ("logs", "cloudwatch"),
    ("opensearch", "aos"),
    ("param", "systems-manager/parameters"),
    ("r53", "route53/v2"),
    ("redshift", "redshiftv2"),
    ("route53", "route53/v2"),
    ("scrh", "securityhub"),
    ("sfn", "states"),
    ("sm", "secretsmanager"),
    ("ssm", "systems-manager"),
    ("sso", "singlesignon"),
    ("stepfunctions", "states"),
    ("tra", "trustedadvisor"),
    ("waf", "wafv2/homev2"),
    ("wafv2", "wafv2/homev2"),
];

/// Services that have no region: their page is on the console's global host.
const GLOBAL: [&str; 8] = [
    "billing",
    "cloudfront",
    "cost-management",
    "directconnect/v2",
    "iam",
    "organizations",
    "route53/v2",
    "trustedadvisor",
];

impl Page<'_> {
    /// The page's address, in that region where it has one.
    ///
    /// # Errors
    /// When a service's name is none, or an address leads out of the partition's console.
    pub fn url(self, partition: &Partition, region: &str) -> Result<Url> {
        let host = partition.console_host(region);
        match self {
            Page::Home => address(&format!("https://{host}/console/home?region={region}")),
            Page::Service(name) => {
                let path = path(name)?;
                if GLOBAL.contains(&path.as_str()) {
                    let host = partition.global_console_host();
                    return address(&format!("https://{host}/{path}/home"));
                }
                let home = if path.contains("/home") { "" } else { "/home" };
                address(&format!("https://{host}/{path}{home}?region={region}"))
            }
            Page::Address(text) => {
                let base = address(&format!("https://{host}/"))?;
                let url = base.join(text.trim()).map_err(|cause| {
                    Error::failed("the destination is no address").because(cause)
                })?;
                let within = url.scheme() == "https"
                    && url.host_str().is_some_and(|host| partition.serves_pages(host))
                    && url.port().is_none()
                    && url.username().is_empty()
                    && url.password().is_none();
                if within { Ok(url) } else { Err(outside(&url, partition)) }
            }
        }
    }
}

fn address(text: &str) -> Result<Url> {
    Url::parse(text).map_err(|cause| Error::failed("the destination is no address").because(cause))
}

/// The path of a service's pages.
fn path(name: &str) -> Result<String> {
    let lower = name.trim().to_ascii_lowercase();
    if let Ok(found) = PATHS.binary_search_by_key(&lower.as_str(), |(name, _)| name) {
        return Ok(PATHS[found].1.to_owned());
    }
    let plain = !lower.is_empty()
        && lower.len() <= 80
        && lower.split('/').all(|part| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        });
    if plain {
        return Ok(lower);
    }
    let shown: String = name.chars().take(80).collect();
    Err(Error::failed(format!("'{shown}' is not the name of an AWS service"))
        .hint("write it like s3 or ec2, or give a page's address with --destination"))
}

fn outside(url: &Url, partition: &Partition) -> Error {
    let origin = url.origin().ascii_serialization();
    let home = partition.global_console_host();
    Error::failed(format!(
        "the destination is at {origin}, which is no page of the AWS console of partition '{}'",
        partition.name
    ))
    .hint(format!("give a path such as /s3/buckets, or a page like https://{home}/s3/buckets"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(page: Page<'_>, region: &str) -> Result<String> {
        page.url(Partition::of_region(region).unwrap(), region).map(|url| url.to_string())
    }

    #[test]
    fn a_service_is_found_where_the_console_has_it() {
        let cases = [
            (
                "s3",
                "eu-west-1",
                "https://eu-west-1.console.aws.amazon.com/s3/home?region=eu-west-1",
            ),
            (
                "S3",
                "us-east-1",
                "https://us-east-1.console.aws.amazon.com/s3/home?region=us-east-1",
            ),
            (
                "dynamodb",
                "eu-west-1",
                "https://eu-west-1.console.aws.amazon.com/dynamodbv2/home?region=eu-west-1",
            ),
            (
                "wafv2",
                "eu-west-1",
                "https://eu-west-1.console.aws.amazon.com/wafv2/homev2?region=eu-west-1",
            ),
            (
                "codebuild",
                "eu-west-1",
                "https://eu-west-1.console.aws.amazon.com/codesuite/codebuild/home?region=eu-west-1",
            ),
            ("iam", "eu-west-1", "https://console.aws.amazon.com/iam/home"),
            ("r53", "eu-west-1", "https://console.aws.amazon.com/route53/v2/home"),
            (
                "ec2",
                "us-gov-west-1",
                "https://console.amazonaws-us-gov.com/ec2/home?region=us-gov-west-1",
            ),
            (
                "ec2",
                "us-gov-east-1",
                "https://us-gov-east-1.console.amazonaws-us-gov.com/ec2/home?region=us-gov-east-1",
            ),
            ("ec2", "cn-north-1", "https://console.amazonaws.cn/ec2/home?region=cn-north-1"),
            (
                "something-new",
                "eu-west-1",
                "https://eu-west-1.console.aws.amazon.com/something-new/home?region=eu-west-1",
            ),
        ];
        for (service, region, want) in cases {
            assert_eq!(url(Page::Service(service), region).unwrap(), want);
        }
        assert_eq!(
            url(Page::Home, "eu-west-1").unwrap(),
            "https://eu-west-1.console.aws.amazon.com/console/home?region=eu-west-1"
        );
        for bad in ["", "/", "s3/", "../x", "s3?x", "s3 x", "@evil.example", "ä", &"s".repeat(99)]
        {
            assert!(url(Page::Service(bad), "eu-west-1").is_err(), "{bad}");
        }
    }

    #[test]
    fn the_table_is_in_order() {
        assert!(PATHS.is_sorted_by_key(|(name, _)| name));
    }

    #[test]
    fn an_address_stays_in_the_console() {
        let host = "https://eu-west-1.console.aws.amazon.com";
        for (text, want) in [
            ("/s3/buckets?x=1#y", format!("{host}/s3/buckets?x=1#y")),
            ("ec2/home", format!("{host}/ec2/home")),
            ("https://console.aws.amazon.com/iam", "https://console.aws.amazon.com/iam".to_owned()),
            ("https://quicksight.aws.amazon.com/", "https://quicksight.aws.amazon.com/".to_owned()),
        ] {
            assert_eq!(url(Page::Address(text), "eu-west-1").unwrap(), want);
        }
        for bad in [
            "http://console.aws.amazon.com/",
            "https://evil.example/?hunter2",
            "//evil.example/",
            "/\\evil.example/",
            "https://console.aws.amazon.com@evil.example/",
            "https://u:p@console.aws.amazon.com/",
            "https://console.aws.amazon.com:444/",
            "https://console.aws.amazon.com.evil.example/",
            "https://evilconsole-aws.amazon.com/",
            "https://console.amazonaws.cn/",
            "javascript:alert(1)",
            "https://",
        ] {
            let error = url(Page::Address(bad), "eu-west-1").unwrap_err();
            assert!(!error.message().contains("hunter2"), "{error}");
        }
    }
}
