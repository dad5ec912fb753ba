//! A port for tests in other languages: what was counted, and another scenario.

use std::net::TcpStream;
use std::sync::Arc;

use serde::Serialize;

use crate::http::listener::Bound;
use crate::http::{Listener, Reply, Request, Stream};
use crate::scenario::Scenario;
use crate::simulator::Simulator;
use crate::world::World;

/// `GET /counts`, `/calls`, `/secrets`, `/scenario`; `PUT /scenario` in JSON or TOML.
pub struct Control {
    listener: Listener,
}

impl Control {
    /// Opens it for a simulator.
    pub fn start(simulator: &Simulator) -> Self {
        let world: Arc<World> = simulator.world();
        Self { listener: Bound::new(0).serve(move |connection| serve(&world, connection)) }
    }

    /// Its address, over http.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.listener.port())
    }
}

fn serve(world: &World, connection: TcpStream) {
    let mut stream = Stream::new(connection);
    while let Ok(request) = stream.request() {
        let (bytes, close) = answer(world, &request).encode("", request.closes());
        if stream.write(&bytes).is_err() || close {
            return;
        }
    }
}

fn answer(world: &World, request: &Request) -> Reply {
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/counts") => json(&world.lock().record.counts),
        ("GET", "/calls") => json(&world.lock().record.calls),
        ("GET", "/secrets") => json(&world.lock().record.secrets()),
        ("GET", "/scenario") => json(&world.lock().scenario),
        ("PUT", "/scenario") => match read(request) {
            Ok(scenario) => {
                world.change(|state| state.scenario = scenario);
                Reply::empty(204)
            }
            Err(words) => Reply::text(400, words),
        },
        _ => Reply::text(404, "there are /counts, /calls, /secrets and /scenario"),
    }
}

fn json(value: &impl Serialize) -> Reply {
    Reply::new(200, "application/json", serde_json::to_vec(value).expect("plain values"))
}

fn read(request: &Request) -> Result<Scenario, String> {
    if request.content_type() == "application/json" {
        return serde_json::from_slice(&request.body).map_err(|error| error.to_string());
    }
    Scenario::from_toml(&String::from_utf8_lossy(&request.body))
}
