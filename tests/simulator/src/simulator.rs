//! The simulator as a test holds it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::http::Listener;
use crate::http::listener::Bound;
use crate::proxy;
use crate::record::{Call, Counts};
use crate::scenario::Scenario;
use crate::service::Service;
use crate::world::{Ports, World};

/// All services, on ports of their own. Dropping it closes every port and connection.
pub struct Simulator {
    world: Arc<World>,
    ports: Ports,
    _listeners: Vec<Listener>,
}

impl Simulator {
    /// Starts everything; when this returns, every port answers.
    ///
    /// # Panics
    /// When loopback has no free port.
    pub fn start(scenario: Scenario) -> Self {
        let [okta, duo, sts, sts_tls, signin, signin_tls, proxy] = [(); 7].map(|()| Bound::new(0));
        let ports = Ports {
            okta: okta.port(),
            duo: duo.port(),
            sts: sts.port(),
            sts_tls: sts_tls.port(),
            signin: signin.port(),
            signin_tls: signin_tls.port(),
            proxy: proxy.port(),
        };
        let world = Arc::new(World::new(scenario, ports));
        let serve = |bound: Bound, service: Service, tls: bool| {
            let world = Arc::clone(&world);
            bound.serve(move |connection| service.serve(&world, connection, tls))
        };
        let mut listeners = vec![
            serve(okta, Service::Okta, true),
            serve(duo, Service::Duo, true),
            serve(sts, Service::Sts, false),
            serve(sts_tls, Service::Sts, true),
            serve(signin, Service::Signin, false),
            serve(signin_tls, Service::Signin, true),
        ];
        let tunnels = Arc::clone(&world);
        listeners.push(proxy.serve(move |connection| proxy::serve(&tunnels, connection)));
        Self { world, ports, _listeners: listeners }
    }

    /// Okta's domain, `localhost:PORT`, to be spoken to over https.
    pub fn okta_host(&self) -> String {
        format!("localhost:{}", self.ports.okta)
    }

    /// Okta's domain by another of the names that the certificate is for.
    pub fn okta_host_as(&self, name: &str) -> String {
        format!("{name}:{}", self.ports.okta)
    }

    /// Duo's host, to be spoken to over https.
    pub fn duo_host(&self) -> String {
        format!("localhost:{}", self.ports.duo)
    }

    /// STS over http.
    pub fn sts_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.sts)
    }

    /// STS over https.
    pub fn sts_https_url(&self) -> String {
        format!("https://localhost:{}", self.ports.sts_tls)
    }

    /// The sign-in endpoint over http.
    pub fn signin_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.signin)
    }

    /// The sign-in endpoint over https.
    pub fn signin_https_url(&self) -> String {
        format!("https://localhost:{}", self.ports.signin_tls)
    }

    /// The forward proxy, over http.
    pub fn proxy_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.proxy)
    }

    /// The link of the scenario's first app, whole.
    pub fn app_url(&self) -> String {
        format!("https://{}{}", self.okta_host(), self.world.lock().scenario.okta.apps[0].path)
    }

    /// The test CA's certificate, as PEM.
    pub fn ca_pem(&self) -> &str {
        self.world.tls.ca_pem()
    }

    /// Writes the test CA's certificate to a file, for `SSL_CERT_FILE`.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn write_ca(&self, path: impl AsRef<Path>) {
        std::fs::write(path, self.ca_pem()).expect("a file for the test CA");
    }

    /// How often each thing happened so far.
    pub fn counts(&self) -> Counts {
        self.world.lock().record.counts.clone()
    }

    /// Every request so far, in the order of arrival.
    pub fn calls(&self) -> Vec<Call> {
        self.world.lock().record.calls.clone()
    }

    /// Every secret that came in or went out so far: passwords (wrong ones too), codes, answers,
    /// state and session tokens, cookies, assertions, AWS secret keys and session tokens, sign-in
    /// tokens. Sorted, each once.
    pub fn secrets(&self) -> Vec<String> {
        self.world.lock().record.secrets()
    }

    /// The scenario as it is now.
    pub fn current_scenario(&self) -> Scenario {
        self.world.lock().scenario.clone()
    }

    /// Changes the scenario; it counts from the next request on.
    pub fn scenario<T>(&self, change: impl FnOnce(&mut Scenario) -> T) -> T {
        self.world.change(|state| change(&mut state.scenario))
    }

    /// Puts another scenario in place. Sessions and counts stay.
    pub fn set_scenario(&self, scenario: Scenario) {
        self.scenario(|current| *current = scenario);
    }

    /// Waits until `enough` says so of the counts, at most as long as `patience`; gives what it
    /// said last. Nothing is polled: every request wakes it.
    pub fn wait_for(&self, enough: impl Fn(&Counts) -> bool, patience: Duration) -> bool {
        self.world.wait_for(|state| enough(&state.record.counts), patience)
    }

    /// Waits until `enough` says so of the log of calls.
    pub fn wait_for_calls(&self, enough: impl Fn(&[Call]) -> bool, patience: Duration) -> bool {
        self.world.wait_for(|state| enough(&state.record.calls), patience)
    }

    /// Lets requests to an endpoint wait, once they are counted, until the hold is released or
    /// dropped; then they are done, be their client still there or not. `endpoint` is named as in
    /// [`Fault::on`](crate::Fault::on).
    pub fn hold(&self, endpoint: &str) -> Hold {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let id = NEXT.fetch_add(1, Ordering::SeqCst);
        self.world.hold(id, endpoint);
        Hold { world: Arc::clone(&self.world), id }
    }

    /// Ends every session at Okta, as an administrator can.
    pub fn end_sessions(&self) {
        self.world.change(|state| state.okta.end_sessions());
    }

    pub(crate) fn world(&self) -> Arc<World> {
        Arc::clone(&self.world)
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.world.stop();
    }
}

/// Requests to an endpoint wait as long as this is there.
#[must_use = "the hold ends when this is dropped"]
pub struct Hold {
    world: Arc<World>,
    id: u64,
}

impl Hold {
    /// Lets them go on.
    pub fn release(self) {}
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.world.release(self.id);
    }
}
