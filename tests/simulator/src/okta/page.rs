//! The pages that a browser would be shown.

use crate::http::Reply;

/// Text in HTML, every character but letters and digits as a number, which is how Okta escapes
/// attributes (`&#x2b;` for `+`).
pub(super) fn escape(text: &str) -> String {
    let each = |c: char| match c {
        c if c.is_ascii_alphanumeric() || c == ' ' => c.to_string(),
        c => format!("&#x{:x};", u32::from(c)),
    };
    text.chars().map(each).collect()
}

/// A string in JavaScript, with `\x2D` for `-`.
fn escape_js(text: &str) -> String {
    let each = |c: char| match c {
        c if c.is_ascii_alphanumeric() => c.to_string(),
        c => format!("\\x{:02X}", u32::from(c)),
    };
    text.chars().map(each).collect()
}

fn page(status: u16, title: &str, body: &str) -> Reply {
    let html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"UTF-8\"><title>{title}</title>\
         </head>\n<body class=\"auth okta-container\">\n{body}\n</body></html>\n"
    );
    Reply::html(status, html)
}

/// The login page.
pub(super) fn login(origin: &str, from: &str) -> Reply {
    let body = format!(
        "<div id=\"signin-container\"></div>\n<script>var config = {{\"baseUrl\":\"{}\",\
         \"fromUri\":\"{}\",\"isMobileClientLogin\":false}};\nvar signIn = new OktaSignIn(config);\
         </script>\n<form id=\"form19\" action=\"/login/login.htm\" method=\"post\">\
         <input type=\"text\" name=\"username\"><input type=\"password\" name=\"password\">\
         <input type=\"hidden\" name=\"_xsrfToken\" value=\"\"></form>",
        escape_js(origin),
        escape_js(from),
    );
    page(200, "acme - Sign In", &body)
}

/// The page with the form that takes the assertion to AWS.
pub(super) fn saml(destination: &str, assertion: &str) -> Reply {
    let body = format!(
        "<div id=\"okta-auth-heading\"><h1>Signing in to Amazon Web Services</h1></div>\n\
         <form id=\"appForm\" action=\"{}\" method=\"POST\">\n\
         <input name=\"SAMLResponse\" type=\"hidden\" value=\"{}\"/>\n\
         <input name=\"RelayState\" type=\"hidden\" value=\"\"/>\n\
         <noscript><input type=\"submit\" value=\"Continue\"/></noscript></form>\n\
         <script>document.getElementById('appForm').submit();</script>",
        escape(destination),
        escape(assertion),
    );
    page(200, "acme - Signing in...", &body)
}

/// The page that asks for one more factor.
pub(super) fn step_up(origin: &str, token: &str) -> Reply {
    let token = escape_js(token);
    let body = format!(
        "<div id=\"extra-verification\"></div>\n<script>\nvar stateToken = '{token}';\n\
         var redirect = '{}\\/login\\/step-up\\/redirect?stateToken={token}';\n</script>\n\
         <form action=\"/login/step-up/redirect\" method=\"get\"></form>",
        escape_js(origin),
    );
    page(200, "acme - Extra Verification", &body)
}

/// There is nothing at that address.
pub(super) fn not_found() -> Reply {
    error(404, "The page you requested could not be found.")
}

/// The app is not the user's.
pub(super) fn not_assigned() -> Reply {
    error(403, "You are not assigned to this application. Contact your administrator for access.")
}

/// An error page.
pub(super) fn error(status: u16, words: &str) -> Reply {
    page(status, "acme - Error", &format!("<h2 class=\"o-form-head\">{words}</h2>"))
}
