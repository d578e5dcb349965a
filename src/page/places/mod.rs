//! Places of the page, a file or a folder each. Invariant: a place reads the page's state and sends commands; it owns no run.

pub mod attention;
pub mod charts;
pub mod crops;
pub mod device_check;
pub mod header;
pub mod help;
pub mod images;
pub mod learning;
pub mod neighbours;
pub mod notices;
pub mod share;
pub mod tour;
pub mod training;
pub mod weights;
