//! Arguments and members of all kinds may be checked when they come.

use magicnet::__private::{Decode, Reader, Writer};
use magicnet::prelude::*;

mod rules {
    use super::{Point, Text};

    pub fn is_small(times: &u8) -> bool {
        *times < 4
    }
    pub fn is_name(text: &Text<'_, 8>) -> bool {
        !text.is_empty()
    }
    pub fn is_word(text: &str) -> bool {
        text.chars().all(char::is_alphabetic)
    }
    pub fn is_sorted<T: PartialOrd>(values: &[T]) -> bool {
        values.is_sorted()
    }
    pub fn anything<T>(_: &T) -> bool {
        true
    }
    pub fn is_near(point: &Point) -> bool {
        point.x < 10.0
    }
}

#[derive(NetworkType, Clone, Copy, Debug, PartialEq)]
pub struct Point {
    #[arg(check = Point::is_ahead)]
    x: f32,
    #[arg(check = rules::anything, default, any_float)]
    y: f32,
}

impl Point {
    fn is_ahead(x: &f32) -> bool {
        *x >= 0.0
    }
}

#[derive(NetworkType, Debug, PartialEq)]
pub enum Order<'text> {
    Wait,
    Knock(#[arg(check = rules::is_small)] u8),
    Call {
        #[arg(check = self::rules::is_name)]
        who: Text<'text, 8>,
    },
}

#[network_object(name = "door", create = anyone)]
pub mod door {
    pub trait Server {
        fn knock(
            &mut self,
            #[arg(check = rules::is_name)] who: Text<'_, 8>,
            #[arg(check = rules::is_near)] at: Point,
            #[arg(check = rules::is_small, default = 3)] times: u8,
            #[arg(check = rules::is_sorted, rest)] when: List<u32, 4>,
        );
    }
}

#[message(id = 65, from = client)]
pub struct Say<'a> {
    #[arg(check = rules::is_word)]
    pub text: Str<8>,
    #[arg(check = rules::is_word)]
    pub title: Text<'a, 8>,
}

fn said<T: for<'a> Decode<'a> + std::fmt::Debug>(bytes: &[u8]) -> String {
    T::decode(&mut Reader::new(bytes)).expect_err("it is refused").to_string()
}

fn main() {
    let point = Point { x: 1.0, y: f32::INFINITY };
    let mut bytes = Vec::new();
    point.encode(&mut Writer::new(&mut bytes));
    assert_eq!(Point::decode(&mut Reader::new(&bytes)), Ok(point));
    assert_eq!(
        said::<Point>(&[0x91, 0xff]),
        "parameter `x`: expected a value that `Point::is_ahead` accepts, found -1"
    );
    assert_eq!(Order::decode(&mut Reader::new(&[0x92, 1, 3])), Ok(Order::Knock(3)));
    let refused = Order::decode(&mut Reader::new(&[0x92, 1, 4])).map_err(|error| error.to_string());
    assert_eq!(
        refused,
        Err("parameter `Knock.0`: expected a value that `rules::is_small` accepts, found 4".to_owned())
    );
}
