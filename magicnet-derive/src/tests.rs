//! What the macros make of the examples of the documentation, and where their errors point, as snapshots to review.

use std::str::FromStr;

use proc_macro2::{Span, TokenStream, TokenTree};

use crate::macros;

const CONTRACT: &str = r#"
/// A number that all see.
pub mod one_number {
    /// Replicated state.
    pub struct State {
        #[network_field(to = viewers, wire = "set_current_value")]
        pub value: i32,
        #[network_field(to = viewers, always, default = 1.0)]
        #[arg(any_float)]
        pub speed: f32,
    }
    /// Calls that the server's view answers.
    pub trait Server {
        #[network_field(from = owner)]
        fn set_init_value(&mut self, value: i32);
        /// Adds `by`.
        #[network_field(from = anyone)]
        fn add_value(&mut self, by: i32, #[arg(default = 1)] times: u8);
    }
    /// Calls that client views answer.
    pub trait Client {
        fn sparkle(&mut self, at: Point, title: Text<'_, 8>, #[arg(rest)] tags: List<Str<16>, 8>);
        #[network_field(to = owner)]
        fn whisper(&mut self);
    }
}
"#;

#[test]
fn contract() {
    let arguments = r#"name = "one-number", create = anyone"#;
    insta::assert_snapshot!(pretty(macros::network_object(tokens(arguments), tokens(CONTRACT))));
}

const OPTIONS: &str = r#"
mod token {
    struct State {
        #[network_field(to = viewers, spread, init = creator, index = 1)]
        at: (f32, u8),
        #[network_field(to = nobody)]
        seed: u32,
        #[network_field(to = owner)]
        cards: List<u8, 5>,
    }
    trait Server {
        #[network_field(from = rules::may_play, persist = ram)]
        fn play(&mut self, card: u8, #[arg(default)] loud: bool);
    }
    trait Client {
        #[network_field(index = 0, persist = ram)]
        fn greet(&mut self);
    }
}
"#;

#[test]
fn contract_with_options() {
    let arguments = r#"name = "token", create = rules::may_create"#;
    insta::assert_snapshot!(pretty(macros::network_object(tokens(arguments), tokens(OPTIONS))));
}

#[test]
fn message_with_a_rule() {
    let input = "pub struct Ring { pub times: u8 }";
    insta::assert_snapshot!(pretty(macros::message(
        tokens("id = 65, from = client, allow = may_ring"),
        tokens(input)
    )));
}

#[test]
fn contract_with_an_error() {
    insta::assert_snapshot!(pretty(macros::network_object(tokens("create = anyone"), tokens(CONTRACT))));
}

#[test]
fn view() {
    let input = "impl one_number::Client for NumberClient { fn whisper(&mut self, _: &mut Cx<Self>) {} }";
    insta::assert_snapshot!(pretty(macros::network_object(tokens(""), tokens(input))));
}

#[test]
fn view_with_a_factory() {
    let input = "#[cfg(unix)] impl Server for Number<u8> {}";
    insta::assert_snapshot!(pretty(macros::network_object(tokens("factory = Number::new"), tokens(input))));
}

#[test]
fn symmetric_contract() {
    let input = "pub mod dot { pub struct State { #[network_field(to = viewers)] x: i32 } \
                 pub trait Both { #[network_field(from = anyone)] fn blink(&mut self, times: u8); } }";
    let arguments = tokens("name = \"dot\", roles(both = 3)");
    insta::assert_snapshot!(pretty(macros::network_object(arguments, tokens(input))));
}

#[test]
fn direct_struct() {
    let input = "#[derive(Default)] pub struct Door \
                 { #[network_field(to = viewers, default = true)] open: bool, knocks: u64 }";
    let arguments = tokens("name = \"door\", role = server, peer = DoorClient, create = anyone");
    insta::assert_snapshot!(pretty(macros::network_object(arguments, tokens(input))));
}

#[test]
fn direct_struct_of_a_client() {
    let arguments = tokens("name = \"door\", role = client, peer = Door");
    insta::assert_snapshot!(pretty(macros::network_object(arguments, tokens("struct DoorClient;"))));
}

#[test]
fn direct_impl() {
    let input = "impl DoorClient { \
                 #[network_field(to = viewers)] fn creak(&mut self, cx: &mut DoorClientCx<'_>, how: u8) {} \
                 fn open_changed(&mut self, cx: &mut DoorClientCx<'_>, old: bool) {} }";
    insta::assert_snapshot!(pretty(macros::network_object(tokens(""), tokens(input))));
}

#[test]
fn message() {
    let input = "/// Says something. \n pub struct Say<'a> { pub text: Text<'a, 256>, #[arg(default)] pub loud: bool }";
    insta::assert_snapshot!(pretty(macros::message(tokens("id = 65, from = client"), tokens(input))));
}

#[test]
fn message_handler() {
    let input = "fn say(cx: &mut MessageCx<'_>, msg: Say<'_>) -> Result<(), Disconnect> { Ok(()) }";
    insta::assert_snapshot!(pretty(macros::message_handler(tokens("role = server"), tokens(input))));
}

#[test]
fn network_type() {
    let input = "pub struct Point(f32, #[arg(default = 2.0, any_float)] f32);";
    insta::assert_snapshot!(pretty(macros::network_type(tokens(input))));
}

#[test]
fn enums() {
    let unit = "pub enum Stance { Standing, Sitting }";
    let data = "pub enum Order<'a> { Wait, Walk { x: f32, #[arg(default)] y: f32 }, Say(Text<'a, 8>) }";
    insta::assert_snapshot!([unit, data].map(|it| pretty(macros::network_type(tokens(it)))).join("\n"));
}

#[test]
fn contracts_of_files() {
    let input = r#""../tests/ui/manifests/client.json", "../tests/ui/manifests/server.json";
    #[network_object(create = anyone)]
    mod door {
        struct State {
            #[network_field(to = viewers)]
            open: bool,
        }
        trait Server {
            #[network_field(from = anyone)]
            fn knock(#[arg(default = 2)] times);
        }
    }"#;
    insta::assert_snapshot!(pretty(crate::manifest::expand(tokens(input))));
}

#[test]
fn errors_of_what_is_said_of_files() {
    let input = r#""../tests/ui/manifests/client.json", "../tests/ui/manifests/server.json",
                   "../tests/ui/manifests/loose.json";
    #[network_object(create = everyone)]
    mod door {
        struct State {
            #[network_field(to = viewers)]
            opened,
            open,
        }
        trait Server {
            fn creak;
            #[network_field(from = everyone)]
            fn knock(time: u8, times: Vec<u8>);
        }
    }"#;
    insta::assert_snapshot!(errors(&crate::manifest::expand(tokens(input))));
}

#[test]
fn errors_of_a_contract() {
    let input = r#"mod door {
    pub struct State {
        pub open: bool,
        #[network_field(to = viewrs, allways)]
        pub locked: String,
    }
    pub trait Server {
        #[network_field(to = owner)]
        fn knock(self, (times, hard): (u8, bool), #[arg(default)] a: u8, b: Vec<&str>) -> bool;
    }
    pub trait Clyent {
        #[network_field(to = owner, persist = db)]
        fn creak<T>(&mut self, #[arg(rest, default)] how: HashMap<Str<4>, T>, cx: u8);
    }
}"#;
    insta::assert_snapshot!(errors(&macros::network_object(tokens("name = door"), tokens(input))));
}

#[test]
fn errors_of_messages() {
    let input =
        "pub struct Say<T>(String, #[arg(default)] u8, #[arg(rest, deflaut)] Option<Box<u8>>, usize);";
    insta::assert_snapshot!(errors(&macros::message(
        tokens("id = 12, from = clients, reply = Said"),
        tokens(input)
    )));
}

#[test]
fn errors_of_handlers() {
    let input = "async unsafe fn say<T>(cx: MessageCx<'_>, a: u8, b: u8) {}";
    insta::assert_snapshot!(errors(&macros::message_handler(
        tokens("role = srever, id = 65"),
        tokens(input)
    )));
}

fn tokens(source: &str) -> TokenStream {
    TokenStream::from_str(source).expect("the source of a test is made of tokens")
}

fn pretty(made: TokenStream) -> String {
    let file = syn::parse2(made).expect("what a macro makes is made of items");
    prettyplease::unparse(&file)
}

/// One line for each error: where it points to, and what it says.
fn errors(made: &TokenStream) -> String {
    let mut lines = Vec::new();
    collect(made.clone(), &mut lines);
    assert!(!lines.is_empty(), "there are errors");
    lines.join("\n")
}

/// Finds each `compile_error! { "..." }`, whose tokens span what is wrong.
fn collect(made: TokenStream, lines: &mut Vec<String>) {
    let made: Vec<_> = made.into_iter().collect();
    for (index, token) in made.iter().enumerate() {
        match token {
            TokenTree::Ident(ident) if ident == "compile_error" => {
                let Some(TokenTree::Group(message)) = made.get(index + 2) else {
                    continue;
                };
                let text = message.stream().to_string();
                let text: syn::LitStr = syn::parse_str(&text).expect("an error is a text");
                lines.push(format!("{}: {}", place(ident.span(), message.span()), text.value()));
            }
            TokenTree::Group(group) => collect(group.stream(), lines),
            _ => {}
        }
    }
}

fn place(first: Span, last: Span) -> String {
    let (start, end) = (first.start(), last.end());
    if start.line == end.line {
        format!("{}:{}-{}", start.line, start.column + 1, end.column)
    } else {
        format!("{}:{} to {}:{}", start.line, start.column + 1, end.line, end.column)
    }
}
