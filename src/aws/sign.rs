//! AWS's signature on a request to STS, version 4.

use std::time::SystemTime;

use aws_credential_types::Credentials as Identity;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use jiff::Timestamp;

use crate::aws::credentials::Credentials;
use crate::error::{Error, Result};
use crate::sys::http::Request;
use crate::sys::secret::ExposeSecret as _;

/// Adds the headers that sign a `POST`: `x-amz-date`, `x-amz-security-token`, `authorization`.
///
/// # Errors
/// When the address or a header cannot be signed.
pub(super) fn signed(
    request: Request,
    credentials: &Credentials,
    region: &str,
    time: Timestamp,
) -> Result<Request> {
    let identity = Identity::builder()
        .access_key_id(&credentials.access_key_id)
        .secret_access_key(credentials.secret_access_key.expose_secret())
        .session_token(credentials.session_token.expose_secret())
        .provider_name("robo")
        .build()
        .into();
    let unsignable = || Error::failed("cannot sign the request to AWS");
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name("sts")
        .time(SystemTime::from(time))
        .settings(SigningSettings::default())
        .build()
        .map_err(|cause| unsignable().because(cause))?
        .into();
    let headers = request.headers.iter().map(|(name, value)| (*name, value.as_str()));
    let body = SignableBody::Bytes(&request.body);
    let signable = SignableRequest::new("POST", request.url.as_str(), headers, body)
        .map_err(|cause| unsignable().because(cause))?;
    let (instructions, _) =
        sign(signable, &params).map_err(|cause| unsignable().because(cause))?.into_parts();
    let (headers, _) = instructions.into_parts();
    Ok(headers
        .iter()
        .fold(request, |request, header| request.header(header.name(), header.value())))
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};
    use url::Url;

    use super::*;
    use crate::aws::testing::credentials;
    use crate::sys::hash::sha256;

    /// RFC 2104.
    fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
        assert!(key.len() <= 64);
        let mut padded = key.to_vec();
        padded.resize(64, 0);
        let pad = |byte: u8| padded.iter().map(|k| k ^ byte).collect::<Vec<u8>>();
        let inner = Sha256::digest([pad(0x36).as_slice(), text].concat());
        Sha256::digest([pad(0x5c).as_slice(), &inner].concat()).to_vec()
    }

    /// The signature of a canonical request, step by step as "Signing AWS API requests" has them.
    fn signature(secret: &str, time: &str, region: &str, service: &str, canonical: &str) -> String {
        let day = &time[..8];
        let scope = format!("{day}/{region}/{service}/aws4_request");
        let hash = sha256(canonical.as_bytes());
        let text = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{hash}");
        let key = [day, region, service, "aws4_request"]
            .iter()
            .fold(format!("AWS4{secret}").into_bytes(), |key, part| hmac(&key, part.as_bytes()));
        hmac(&key, text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn the_check_itself_gives_awss_own_example() {
        // AWS's Signature Version 4 test suite, "get-vanilla".
        let canonical = "GET\n/\n\nhost:example.amazonaws.com\nx-amz-date:20150830T123600Z\n\n\
                         host;x-amz-date\n\
                         e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
        assert_eq!(
            signature(secret, "20150830T123600Z", "us-east-1", "service", canonical),
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
        );
    }

    #[test]
    fn a_request_is_signed_with_all_that_matters() {
        let url = Url::parse("http://127.0.0.1:4566/").unwrap();
        let request = Request::form(url, [("Action", "GetCallerIdentity")]);
        let time = Timestamp::from_second(1_440_938_160).unwrap();
        let signed = signed(request, &credentials("hub"), "eu-west-1", time).unwrap();
        let header = |name: &str| {
            let found = signed.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.as_str()).unwrap()
        };
        let names = "content-type;host;x-amz-date;x-amz-security-token";
        let canonical = format!(
            "POST\n/\n\ncontent-type:application/x-www-form-urlencoded; charset=utf-8\n\
             host:127.0.0.1:4566\nx-amz-date:20150830T123600Z\n\
             x-amz-security-token:token-of-hub\n\n{names}\n{}",
            sha256(b"Action=GetCallerIdentity")
        );
        let want = signature("secret-of-hub", "20150830T123600Z", "eu-west-1", "sts", &canonical);
        assert_eq!(
            header("authorization"),
            format!(
                "AWS4-HMAC-SHA256 Credential=ASIAHUB/20150830/eu-west-1/sts/aws4_request, \
                 SignedHeaders={names}, Signature={want}"
            )
        );
        assert_eq!(header("x-amz-date"), "20150830T123600Z");
        assert_eq!(header("x-amz-security-token"), "token-of-hub");
    }
}
