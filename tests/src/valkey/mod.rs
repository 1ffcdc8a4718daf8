//! A real Valkey server of a test's own, on 127.0.0.1, that keeps nothing on a disk and ends with the test.

mod tls;

use std::{net::TcpListener, path::PathBuf, process::Stdio, time::Duration};

use dodolens::valkey::ValkeyAddress;
use dodolens::valkey::ValkeyParts;
use dodolens_local::toolchain;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use redis::{Client, Cmd, FromRedisValue, RedisResult, cmd};
use tempfile::TempDir;
use tokio::{
    io::AsyncWriteExt as _,
    process::{Child, Command},
    sync::OnceCell,
};

pub use self::tls::TlsFront;
use crate::stack::{Setup, TestStack};

/// The password of the user that may do everything.
const ADMIN: &str = "the password of the tests";
/// A server answers within this.
const START: Duration = Duration::from_secs(120);

/// How a server shows itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// One server.
    Plain,
    /// A cluster, all of whose slots are one node's: so ElastiCache Serverless does.
    Cluster,
}

/// A running server.
pub struct ValkeyServer {
    program: PathBuf,
    mode: Mode,
    port: u16,
    bus: u16,
    password: String,
    folder: TempDir,
    child: Child,
}

impl ValkeyServer {
    /// Fetches the pinned server if it is not there, and starts it.
    ///
    /// # Panics
    /// When it does not answer.
    #[allow(clippy::expect_used)]
    pub async fn start(mode: Mode) -> Self {
        let program = program().await;
        let folder = tempfile::tempdir().expect("a folder");
        let (port, bus) = (free_port(), free_port());
        let child = spawn(&program, mode, port, bus, &folder).await;
        let server = Self {
            program,
            mode,
            port,
            bus,
            password: String::new(),
            folder,
            child,
        };
        server.settle().await;
        server
    }

    /// Starts a stack whose functions keep their parts here.
    ///
    /// # Panics
    /// When it does not start.
    #[allow(clippy::expect_used)]
    pub async fn stack(&mut self, mut setup: Setup) -> TestStack {
        let parameters = [("ChunkStore", "valkey"), ("Network", "vpc")];
        setup
            .parameters
            .extend(parameters.map(|(name, value)| (name, value.to_owned())));
        // Before the test's own, which may lead there another way.
        setup.environment.insert(0, ("VALKEY_URL", self.url()));
        let stack = TestStack::start(setup).await;
        let request = stack.secrets().get_secret_value();
        let secret = request.secret_id(stack.secret("PartsPassword")).send();
        let secret = secret.await.expect("a secret");
        self.password = secret.secret_string.expect("a password");
        self.admit().await;
        stack
    }

    /// The store that the functions of a stack started by [`Self::stack`] have.
    ///
    /// # Panics
    /// When there is none.
    #[allow(clippy::expect_used)]
    pub async fn chunks(&self, stack: &TestStack) -> ValkeyParts {
        let address: ValkeyAddress = self.url().parse().expect("an address");
        ValkeyParts::connect(address, stack.secrets(), stack.secret("PartsPassword")).await
    }

    /// How many parts it holds.
    ///
    /// # Panics
    /// When it does not answer.
    #[allow(clippy::expect_used)]
    pub async fn parts(&self) -> usize {
        self.ask(&cmd("DBSIZE")).await.expect("a count")
    }

    /// Asks the server as the user who may do everything.
    ///
    /// # Errors
    /// As the server answers.
    pub async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> RedisResult<T> {
        let url = format!(
            "redis://:{}@127.0.0.1:{}",
            ADMIN.replace(' ', "%20"),
            self.port
        );
        let mut connection = Client::open(url)?
            .get_multiplexed_async_connection()
            .await?;
        command.query_async(&mut connection).await
    }

    /// Ends it as a machine ends that loses its power.
    ///
    /// # Panics
    /// When it does not end.
    #[allow(clippy::expect_used)]
    pub async fn stop(&mut self) {
        self.child.kill().await.expect("an end");
    }

    /// Starts it again at the same address, after [`Self::stop`]: with nothing in it.
    ///
    /// # Panics
    /// When it does not answer.
    pub async fn restart(&mut self) {
        self.child = spawn(&self.program, self.mode, self.port, self.bus, &self.folder).await;
        self.settle().await;
        self.admit().await;
    }

    /// Lets it hang: connections stay, and nobody is answered.
    ///
    /// # Panics
    /// When it has ended.
    #[allow(clippy::expect_used)]
    pub fn freeze(&self) {
        let id = self.child.id().expect("a running server");
        kill(Pid::from_raw(id.cast_signed()), Signal::SIGSTOP).expect("a stop");
    }

    /// Where it is, for functions.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://parts@127.0.0.1:{}", self.port)
    }

    /// A way to it by TLS.
    pub async fn tls(&self) -> TlsFront {
        TlsFront::start(self.port).await
    }

    /// Waits until it answers, and hands a cluster's node all slots.
    #[allow(clippy::expect_used)]
    async fn settle(&self) {
        let mut slots = cmd("CLUSTER");
        slots.arg("ADDSLOTSRANGE").arg(0).arg(16383);
        let answers = async {
            while self.ask::<String>(&cmd("PING")).await.is_err() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            if self.mode == Mode::Plain {
                return;
            }
            self.ask::<()>(&slots).await.expect("slots");
            while self.ask::<usize>(cmd("EXISTS").arg("any")).await.is_err() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let settled = tokio::time::timeout(START, answers).await;
        settled.expect("the Valkey server answers");
    }

    /// Lets the functions in, with the rights that the template gives them.
    #[allow(clippy::expect_used)]
    async fn admit(&self) {
        const TEMPLATE: &str = include_str!("../../../template.yaml");
        let (_, rights) = TEMPLATE.split_once("AccessString: ").expect("rights");
        let rights = rights.lines().next().unwrap_or_default();
        let mut user = cmd("ACL");
        user.arg("SETUSER")
            .arg("parts")
            .arg(format!(">{}", self.password))
            .arg(rights.split(' ').collect::<Vec<_>>());
        self.ask::<()>(&user).await.expect("a user");
    }
}

/// The pinned server, fetched once a process.
#[allow(clippy::expect_used)]
async fn program() -> PathBuf {
    static PROGRAM: OnceCell<PathBuf> = OnceCell::const_new();
    let fetch = || async {
        let root = toolchain::root();
        let output = Command::new("python3")
            .arg(root.join("tests/valkey/fetch.py"))
            .arg(root.join("target/valkey"))
            .stderr(Stdio::inherit())
            .output()
            .await
            .expect("python3");
        assert!(output.status.success(), "no Valkey server; see above");
        String::from_utf8(output.stdout)
            .expect("a path")
            .trim()
            .into()
    };
    PROGRAM.get_or_init(fetch).await.clone()
}

/// Most likely still free when the server takes it.
#[allow(clippy::expect_used)]
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

#[allow(clippy::expect_used)]
async fn spawn(program: &PathBuf, mode: Mode, port: u16, bus: u16, folder: &TempDir) -> Child {
    let mut configuration = format!(
        "bind 127.0.0.1\nport {port}\nsave \"\"\nappendonly no\nuser default on \">{ADMIN}\" ~* &* +@all\n"
    );
    if mode == Mode::Cluster {
        configuration += &format!("cluster-enabled yes\ncluster-port {bus}\n");
    }
    let mut child = Command::new(program)
        .arg("-")
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("a Valkey server");
    let mut stdin = child.stdin.take().expect("its input");
    let written = stdin.write_all(configuration.as_bytes()).await;
    written.expect("its configuration");
    child
}
