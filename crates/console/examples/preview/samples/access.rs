//! The pages before a sign-in, and the page of a problem.

use console::{Problem, Redeem, SignIn};

use super::{Page, Sample, page};

pub fn pages(sample: Sample) -> Vec<Page> {
    let sign_in = SignIn {
        frame: sample.alone("Sign in"),
        problem: sample.trouble(),
        oidc: sample.some("/console/sign-in/oidc"),
    };
    let redeem = Redeem {
        frame: sample.alone("Set up provisioning"),
        tenant: sample.some("Acme Inc."),
        action: "/console/links/redeem".to_string(),
        code: sample.text("cs_8fJq"),
    };
    let problem = Problem {
        frame: sample.frame("This page is not there", ""),
        status: 404,
        what: sample.text(
            "The change 4711 is not in the log of this tenant: it was trimmed, or the address is mistyped.",
        ),
        next: sample.text("Look for it by the name of the person."),
        link: sample.some("/console/acme/activity").map(|address| ("Open the activity".to_string(), address)),
        correlation_id: sample.some("01J9ZQ3T8Y"),
    };
    vec![page("sign-in", &sign_in), page("redeem", &redeem), page("problem", &problem)]
}
