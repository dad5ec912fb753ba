//! The one state that all services share, and what happens to each request on its way through it.

use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::http::{Cut, Reply, Request};
use crate::record::{Call, Record};
use crate::scenario::{Drop, Fault, Scenario, fits};
use crate::service::Service;
use crate::tls::Tls;
use crate::{clock, duo, okta, received, signin, sts};

/// The ports of the services.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ports {
    pub(crate) okta: u16,
    pub(crate) duo: u16,
    pub(crate) sts: u16,
    pub(crate) sts_tls: u16,
    pub(crate) signin: u16,
    pub(crate) signin_tls: u16,
    pub(crate) proxy: u16,
}

/// What a handler may see and change.
pub(crate) struct State {
    pub(crate) scenario: Scenario,
    pub(crate) record: Record,
    pub(crate) ports: Ports,
    pub(crate) okta: okta::Org,
    pub(crate) duo: duo::Frame,
    pub(crate) sts: sts::Sessions,
    pub(crate) signin: signin::Tokens,
    holds: Vec<(u64, String)>,
    stopped: bool,
}

impl State {
    /// The simulator's time.
    pub(crate) fn now(&self) -> Timestamp {
        clock::now(self.scenario.clock_offset)
    }

    /// The host that Okta names as Duo's.
    pub(crate) fn duo_host(&self) -> String {
        let own = || format!("localhost:{}", self.ports.duo);
        self.scenario.duo.host.clone().unwrap_or_else(own)
    }
}

/// The state behind its lock, and who waits for it to change.
pub(crate) struct World {
    state: Mutex<State>,
    changed: Condvar,
    started: Instant,
    pub(crate) tls: Tls,
}

/// What goes back over the connection, and whether it ends there.
pub(crate) struct Sent {
    pub(crate) bytes: Vec<u8>,
    pub(crate) close: bool,
}

impl World {
    pub(crate) fn new(scenario: Scenario, ports: Ports) -> Self {
        let tls = Tls::new(&scenario.tls.names);
        let state = State {
            scenario,
            ports,
            record: Record::default(),
            okta: okta::Org::default(),
            duo: duo::Frame::default(),
            sts: sts::Sessions::default(),
            signin: signin::Tokens::default(),
            holds: Vec::new(),
            stopped: false,
        };
        let (state, changed) = (Mutex::new(state), Condvar::new());
        Self { state, changed, started: Instant::now(), tls }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Changes the state and wakes who waits for that.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.lock());
        self.changed.notify_all();
        result
    }

    /// Waits until `enough` says so, or `patience` is over; gives what it said last.
    pub(crate) fn wait_for(&self, enough: impl Fn(&State) -> bool, patience: Duration) -> bool {
        let state = self.lock();
        let (state, _) = self
            .changed
            .wait_timeout_while(state, patience, |state| !enough(state) && !state.stopped)
            .unwrap();
        enough(&state)
    }

    pub(crate) fn hold(&self, id: u64, pattern: &str) {
        self.change(|state| state.holds.push((id, pattern.to_owned())));
    }

    pub(crate) fn release(&self, id: u64) {
        self.change(|state| state.holds.retain(|(held, _)| *held != id));
    }

    pub(crate) fn stop(&self) {
        self.change(|state| state.stopped = true);
    }

    /// Serves one request.
    pub(crate) fn answer(&self, service: Service, connection: u64, request: &Request) -> Sent {
        let endpoint = service.endpoint(request);
        let name = format!("{} {endpoint}", service.name());
        let (place, fault) = self.change(|state| {
            let call = self.call(service, endpoint, connection, request);
            for secret in received::secrets(request) {
                state.record.secret(secret);
            }
            (state.record.call(call), fault(state, &name))
        });
        self.wait(&name, fault.latency_ms);
        self.change(|state| {
            let mut reply = match replaced(state, &fault) {
                Some(reply) => reply,
                None => service.handle(state, request),
            };
            damage(&mut reply, &fault);
            if reply.cut != Cut::Nothing {
                state.record.answered(place, reply.status);
            }
            let date = clock::http_date(clock::after(state.now(), fault.date_skew));
            let (bytes, close) = reply.encode(&date, fault.close || request.closes());
            Sent { bytes, close }
        })
    }

    fn call(&self, service: Service, endpoint: String, connection: u64, request: &Request) -> Call {
        Call {
            service: service.name().to_owned(),
            endpoint,
            method: request.method.clone(),
            path: request.path.clone(),
            agent: request.header("user-agent").unwrap_or_default().to_owned(),
            status: None,
            at_ms: u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX),
            connection,
            parameters: service.parameters(request),
        }
    }

    /// Waits while the endpoint is held, and then the latency.
    fn wait(&self, name: &str, latency_ms: u64) {
        let held = |state: &mut State| {
            !state.stopped && state.holds.iter().any(|(_, pattern)| fits(pattern, name))
        };
        drop(self.changed.wait_while(self.lock(), held).unwrap());
        if latency_ms > 0 {
            std::thread::sleep(Duration::from_millis(latency_ms));
        }
    }
}

/// All faults that hit this request, as one.
fn fault(state: &mut State, name: &str) -> Fault {
    let fitting = state.scenario.faults.iter_mut().filter(|fault| fault.fits(name));
    let hitting = fitting.filter_map(|fault| fault.hits().then(|| fault.clone()));
    hitting.reduce(Fault::and).unwrap_or_default()
}

/// The answer that a fault gives instead of the service's own.
fn replaced(state: &State, fault: &Fault) -> Option<Reply> {
    if fault.drop == Some(Drop::Before) {
        return Some(Reply { cut: Cut::Nothing, ..Reply::empty(500) });
    }
    if let Some(answer) = &fault.answer {
        let mut reply = Reply::new(answer.status, &answer.content_type, answer.body.clone());
        reply.headers.extend(answer.headers.iter().cloned());
        return Some(reply);
    }
    if let Some(code) = &fault.okta_error {
        return Some(okta::error(code, &[]));
    }
    if let Some(error) = &fault.aws_error {
        return Some(sts::error(error.status, &error.code, &error.message));
    }
    if let Some(seconds) = fault.rate_limit {
        return Some(okta::rate_limited(state.now(), seconds));
    }
    fault.redirect.as_deref().map(Reply::redirect)
}

fn damage(reply: &mut Reply, fault: &Fault) {
    if let Some(length) = fault.garbage {
        reply.body = crate::bytes::random(length);
    }
    if let Some(megabytes) = fault.megabytes {
        reply.body = vec![b'x'; megabytes << 20];
    }
    if let Some(length) = fault.truncate {
        reply.cut = Cut::After(length);
    }
    if fault.drop == Some(Drop::After) {
        reply.cut = Cut::Nothing;
    }
}
