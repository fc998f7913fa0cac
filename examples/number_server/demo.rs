//! The story of `--demo`: two clients in this process create numbers and change them, and tell what they see.

use examples::number::one_number;
use magicnet::prelude::*;
use magicnet::{Node, Running, memory};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Plays the story to its end. What somebody sees has come to them over a connection.
pub(crate) async fn play(dial: memory::Dial) -> anyhow::Result<()> {
    println!("Ann joins and makes a number of 10.");
    let mut ann = Player::join("Ann", &dial).await?;
    let number = ann.create(10).await?;
    ann.sees().await;

    println!("Bob joins late and is shown what there is.");
    let mut bob = Player::join("Bob", &dial).await?;
    bob.sees().await;

    println!("Bob adds 15 to it.");
    bob.add(number, 15).await?;
    ann.sees().await;
    bob.sees().await;

    println!("Bob adds more than fits, which the server refuses. Ann adds 0, which is told all the same.");
    bob.add(number, i32::MAX).await?;
    ann.add(number, 0).await?;
    ann.sees().await;
    bob.sees().await;

    println!("Bob makes a number of his own.");
    bob.create(-3).await?;
    ann.sees().await;
    bob.sees().await;

    println!("Ann leaves, and what she made leaves with her.");
    ann.node.shutdown().await;
    bob.sees().await;
    bob.node.shutdown().await;
    Ok(())
}

/// Where the views of a player's node tell what they see.
type Telling = UnboundedSender<String>;

#[derive(Default)]
struct NumberClient;

#[network_object]
impl one_number::Client for NumberClient {
    fn on_generate(&mut self, cx: &mut one_number::ClientCx<'_, Self>) {
        tell(cx, |value| format!("a new number: {value}"));
    }

    fn value_changed(&mut self, cx: &mut one_number::ClientCx<'_, Self>, old: i32) {
        tell(cx, |value| format!("the value change: {old} -> {value}"));
    }

    fn on_destroy(&mut self, cx: &mut one_number::ClientCx<'_, Self>) {
        tell(cx, |value| format!("the number {value} disappear"));
    }
}

fn tell(cx: &mut one_number::ClientCx<'_, NumberClient>, what: impl FnOnce(i32) -> String) {
    let line = what(cx.state().value);
    // Nobody listens to a player who is leaving.
    let _ = cx.app::<Telling>().send(line);
}

struct Player {
    name: &'static str,
    node: Running,
    told: UnboundedReceiver<String>,
}

impl Player {
    async fn join(name: &'static str, dial: &memory::Dial) -> anyhow::Result<Self> {
        let (telling, told) = unbounded_channel();
        let node = Node::client()
            .view::<NumberClient>()
            .with::<Telling>(telling)
            .connect(dial.clone())
            .start()
            .await?;
        node.handle().connected().await?;
        let look = node.handle().run(|cx| {
            // For a server with zones; one without takes no notice.
            cx.set_zones([0]);
            cx.request_visible_objects();
        });
        look.await?;
        Ok(Self { name, node, told })
    }

    async fn create(&self, value: i32) -> anyhow::Result<Object<one_number::Contract>> {
        let node = self.node.handle();
        Ok(node.create::<one_number::Contract>().call(|number| number.set_init_value(value)).await?)
    }

    async fn add(&self, number: Object<one_number::Contract>, value: i32) -> anyhow::Result<()> {
        let node = self.node.handle();
        Ok(node.run(move |cx| cx.object(number).server().add_value(value)).await?)
    }

    /// Waits for the next thing that this player sees, and prints it.
    async fn sees(&mut self) {
        let line = self.told.recv().await.expect("the player's node holds the other end");
        println!("    {} sees {line}", self.name);
    }
}
