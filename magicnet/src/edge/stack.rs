//! The middleware and the encoders of one endpoint, as it was configured.

use std::fmt;
use std::sync::Arc;

use super::middleware::{BytesMiddleware, MessageMiddleware};
use crate::wire::{Decoder, Encoder};

type Make<M> = Arc<dyn Fn() -> Box<M> + Send + Sync>;

/// What an endpoint does to what passes over it, in the order of sending. All its connections share it.
#[derive(Clone, Default)]
pub(super) struct Stack {
    pub(super) messages: Vec<Make<dyn MessageMiddleware>>,
    /// What turns msgpack into what is sent, if that is anything else.
    pub(super) encoder: Option<Arc<dyn Encoder>>,
    /// What turns what is received into msgpack, if it is anything else.
    pub(super) decoder: Option<Arc<dyn Decoder>>,
    pub(super) bytes: Vec<Make<dyn BytesMiddleware>>,
}

impl Stack {
    pub(super) fn add_bytes<M: BytesMiddleware>(&mut self, make: impl Fn() -> M + Send + Sync + 'static) {
        self.bytes.push(Arc::new(move || Box::new(make())));
    }

    pub(super) fn add_messages<M: MessageMiddleware>(
        &mut self,
        make: impl Fn() -> M + Send + Sync + 'static,
    ) {
        self.messages.push(Arc::new(move || Box::new(make())));
    }
}

impl fmt::Debug for Stack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stack")
            .field("messages", &self.messages.len())
            .field("encoder", &self.encoder.is_some())
            .field("decoder", &self.decoder.is_some())
            .field("bytes", &self.bytes.len())
            .finish()
    }
}
