//! What is special to TCP under tokio.
