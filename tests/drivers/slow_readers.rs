//! Who stops to read and then reads on is told what is different by then, over real sockets, however many edges the
//! server has.

use std::sync::{Arc, Mutex};

use magicnet::prelude::*;
use magicnet::{Limits, NodeBuilder, Running, Tcp};
use magicnet_tests::PATIENCE;

use crate::app;
use crate::background::Thread;
use crate::diary::{Diary, Pen};

/// Each page is written anew in one large property, so that few of them fill the buffers of any system.
#[network_object(name = "book", create = server)]
mod book {
    pub(super) struct State {
        #[network_field(to = viewers)]
        pub(super) page: u32,
        #[network_field(to = viewers)]
        pub(super) text: Bytes<50_000>,
    }
    pub(super) trait Server {}
    pub(super) trait Client {}
}

#[derive(Default)]
struct Author;

#[network_object]
impl book::Server for Author {}

#[derive(Default)]
struct Reader;

/// Who holds it keeps a reader from reading.
#[derive(Clone, Default)]
struct Gate(Arc<Mutex<()>>);

#[network_object]
impl book::Client for Reader {
    fn on_generate(&mut self, cx: &mut book::ClientCx<'_, Self>) {
        cx.app::<Pen>().write("opens the book");
    }

    fn text_changed(&mut self, cx: &mut book::ClientCx<'_, Self>, _old: Bytes<50_000>) {
        drop(cx.app::<Gate>().0.lock().unwrap());
        let line = format!("reads page {}", cx.state().page);
        cx.app::<Pen>().write(line);
    }
}

/// So many pages are more than a system's buffers and what is kept for one who does not read.
const PAGES: u32 = 400;

#[test]
fn who_reads_on_is_told_the_newest_page() {
    story(app::server);
}

#[test]
fn who_reads_on_is_told_the_newest_page_on_whichever_edge() {
    story(|diary| app::server(diary).edges(2));
}

fn story(server: impl FnOnce(&Diary) -> NodeBuilder) {
    let (diary, gate) = (Diary::default(), Gate::default());
    let threads: [Thread; 3] = std::array::from_fn(|_| Thread::start());
    let [at_home, away, apart] = &threads;
    let mut limits = Limits::default();
    // However long the story takes on this machine.
    (limits.behind_timeout, limits.idle_timeout) = (PATIENCE, PATIENCE);
    let server = server(&diary).limits(limits).view::<Author>().listen(Tcp::bind("127.0.0.1:0"));
    let server = at_home.run(server.start()).unwrap();
    let address = server.local_addr().unwrap().to_string();
    let join = |thread: &Thread, name: &str, gate: &Gate| -> Running {
        let client = app::client(&diary, name).view::<Reader>().with(gate.clone());
        let client = thread.run(client.connect(Tcp::connect(&*address)).start()).unwrap();
        thread.run(client.handle().connected()).expect("the server is there");
        client
    };
    // With two edges ann and cid are on one of them, and bob on the other.
    let _readers =
        [join(apart, "ann", &gate), join(away, "bob", &Gate::default()), join(away, "cid", &Gate::default())];
    let create = server.handle().create::<book::Contract>().into_future();
    let book = at_home.run(create).expect("the server makes it");
    for name in ["ann", "bob", "cid"] {
        let line = format!("{name}: opens the book");
        diary.wait(&line, &|lines| lines.contains(&line));
    }
    let closed = gate.0.lock().unwrap();
    for page in 1..=PAGES {
        let write = move |_: &mut Author, cx: &mut book::ServerCx<'_, Author>| {
            let text = vec![u8::try_from(page % 250).unwrap(); 50_000];
            (cx.state_mut().page, cx.state_mut().text) = (page, text.try_into().unwrap());
        };
        at_home.run(server.handle().run(move |n| n.with(book, write))).unwrap().unwrap();
        // As fast as the others read, so that nobody else is slow.
        for name in ["bob", "cid"] {
            let line = format!("{name}: reads page {page}");
            diary.wait(&line, &|lines| lines.contains(&line));
        }
    }
    drop(closed);
    let last = format!("ann: reads page {PAGES}");
    diary.wait(&last, &|lines| lines.contains(&last));
    let read = |name: &str| diary.of(name).iter().filter(|line| line.starts_with("reads page")).count();
    assert!(read("ann") < read("bob"), "{} pages were told late", read("ann"));
    assert_eq!([read("bob"), read("cid")], [PAGES as usize; 2]);
    assert_eq!(diary.of("server"), ["connected"; 3], "nobody was ended");
}
