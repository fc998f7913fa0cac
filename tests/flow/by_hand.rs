//! The contract `one-number` of DESIGN section 3, expanded by hand as the macros will.

use magicnet::__private as p;

#[derive(Default)]
pub struct State {
    pub value: i32,
}

impl p::ObjectState for State {
    const PROPERTIES: usize = 1;
    fn initial() -> Self {
        Self::default()
    }
    fn encode(&self, _: usize, w: &mut p::Writer<'_>) {
        p::ArgumentsWriter::open(w, 1).put(&self.value);
    }
    fn decode(&mut self, _: usize, arguments: &mut p::Arguments<'_>) -> Result<(), p::DecodeError> {
        let value: i32 = arguments.next("value")?;
        arguments.finish()?;
        self.value = value;
        Ok(())
    }
}

pub enum Contract {}
const INT: p::Parameter = p::Parameter {
    name: "value",
    shape: <i32 as p::NetworkType>::SHAPE,
    presence: p::Presence::Required,
};
impl p::Contract for Contract {
    type State = State;
    type ToServer<'a, P> = ToServer<'a, P>;
    type ToClients<'a, P> = ToClients<'a, P>;
    const OBJECT: &'static p::ObjectDescriptor = &p::ObjectDescriptor {
        name: "one-number",
        create: p::Creator::Anyone,
        on_owner_left: p::OwnerLeft::Destroy,
        roles: &[
            p::RoleDescriptor {
                role: p::Role::CLIENT,
                number: 0,
                fields: &[
                    p::FieldDescriptor {
                        name: "set_current_value",
                        kind: p::FieldKind::Property { always: false },
                        parameters: &[INT],
                    },
                    p::FieldDescriptor {
                        name: "sparkle",
                        kind: p::FieldKind::CallToClients {
                            to: p::Receiver::Viewers,
                        },
                        parameters: &[INT],
                    },
                ],
            },
            p::RoleDescriptor {
                role: p::Role::SERVER,
                number: 1,
                fields: &[
                    p::FieldDescriptor {
                        name: "set_init_value",
                        kind: p::FieldKind::CallToServer {
                            from: p::Caller::Owner,
                        },
                        parameters: &[INT],
                    },
                    p::FieldDescriptor {
                        name: "add_value",
                        kind: p::FieldKind::CallToServer {
                            from: p::Caller::Anyone,
                        },
                        parameters: &[INT],
                    },
                ],
            },
        ],
        source: p::Source {
            file: file!(),
            line: line!(),
        },
    };
    fn to_server<P>(stub: p::Stub<'_>) -> ToServer<'_, P> {
        ToServer {
            stub,
            permission: std::marker::PhantomData,
        }
    }
    fn to_clients<P>(stub: p::Stub<'_>) -> ToClients<'_, P> {
        ToClients {
            stub,
            permission: std::marker::PhantomData,
        }
    }
}

pub enum ServerSide {}
impl p::Side for ServerSide {
    type Contract = Contract;
    const ROLE: p::Role = p::Role::SERVER;
}
impl p::ServerSide for ServerSide {}
pub enum ClientSide {}
impl p::Side for ClientSide {
    type Contract = Contract;
    const ROLE: p::Role = p::Role::CLIENT;
}
impl p::ClientSide for ClientSide {}
pub type ServerCx<'a, V> = magicnet::Cx<'a, ServerSide, V>;
pub type ClientCx<'a, V> = magicnet::Cx<'a, ClientSide, V>;

pub trait Server: Sized + Send + 'static {
    fn set_init_value(&mut self, cx: &mut ServerCx<'_, Self>, value: i32);
    fn add_value(&mut self, cx: &mut ServerCx<'_, Self>, by: i32);
    const SLOT: p::SlotDescriptor<Self> = p::SlotDescriptor::of::<ServerSide>();
}
pub trait Client: Sized + Send + 'static {
    fn value_changed(&mut self, cx: &mut ClientCx<'_, Self>, old: i32);
    fn sparkle(&mut self, cx: &mut ClientCx<'_, Self>, at: i32);
    fn on_generate(&mut self, _: &mut ClientCx<'_, Self>) {}
    fn on_destroy(&mut self, _: &mut ClientCx<'_, Self>) {}
    const SLOT: p::SlotDescriptor<Self> = p::SlotDescriptor::of::<ClientSide>();
}
impl<V: Server> p::Dispatch<V> for ServerSide {
    fn call(
        view: &mut V,
        cx: &mut ServerCx<'_, V>,
        field: u8,
        arguments: &mut p::Arguments<'_>,
    ) -> Result<(), p::DecodeError> {
        match field {
            0 => {
                let value: i32 = arguments.next("value")?;
                arguments.finish()?;
                view.set_init_value(cx, value);
            }
            1 => {
                let by: i32 = arguments.next("by")?;
                arguments.finish()?;
                view.add_value(cx, by);
            }
            _ => p::no_such_field(field),
        }
        Ok(())
    }
    fn on_generate(_: &mut V, _: &mut ServerCx<'_, V>) {}
    fn on_destroy(_: &mut V, _: &mut ServerCx<'_, V>) {}
}
impl<V: Client> p::Dispatch<V> for ClientSide {
    fn call(
        view: &mut V,
        cx: &mut ClientCx<'_, V>,
        field: u8,
        arguments: &mut p::Arguments<'_>,
    ) -> Result<(), p::DecodeError> {
        match field {
            1 => {
                let at: i32 = arguments.next("at")?;
                arguments.finish()?;
                view.sparkle(cx, at);
            }
            _ => p::no_such_field(field),
        }
        Ok(())
    }
    fn property(
        view: &mut V,
        cx: &mut ClientCx<'_, V>,
        _: u8,
        arguments: &mut p::Arguments<'_>,
    ) -> Result<(), p::DecodeError> {
        let value: i32 = arguments.next("value")?;
        arguments.finish()?;
        let old = std::mem::replace(&mut cx.state_in_dispatch().value, value);
        view.value_changed(cx, old);
        Ok(())
    }
    fn on_generate(view: &mut V, cx: &mut ClientCx<'_, V>) {
        view.on_generate(cx);
    }
    fn on_destroy(view: &mut V, cx: &mut ClientCx<'_, V>) {
        view.on_destroy(cx);
    }
}
pub struct ToServer<'a, P> {
    stub: p::Stub<'a>,
    permission: std::marker::PhantomData<fn() -> P>,
}
impl<P> ToServer<'_, P> {
    pub fn set_init_value(&self, value: i32) {
        self.stub.call((1, 0), 1, |w| {
            w.put(&value);
        });
    }
    pub fn add_value(&self, by: i32) {
        self.stub.call((1, 1), 1, |w| {
            w.put(&by);
        });
    }
}
pub struct ToClients<'a, P> {
    stub: p::Stub<'a>,
    permission: std::marker::PhantomData<fn() -> P>,
}
impl<P> ToClients<'_, P> {
    pub fn sparkle(&self, at: i32) {
        self.stub.call((0, 1), 1, |w| {
            w.put(&at);
        });
    }
}
