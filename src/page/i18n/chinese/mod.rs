//! The page in Traditional Chinese: one file per section of the page. Invariant: a section without words does not compile.

mod attention;
mod charts;
mod common;
mod crops;
mod device;
mod errors;
mod files;
mod frame;
mod health;
mod images;
mod learning;
mod neighbours;
mod settings;
mod share;
mod storage;
mod terms;
mod tour;
mod training;
mod weights;

use crate::i18n::Text;

pub static TEXT: Text = Text {
    tag: "zh-Hant",
    name: "繁體中文",
    attention: attention::TEXT,
    charts: charts::TEXT,
    common: common::TEXT,
    crops: crops::TEXT,
    device: device::TEXT,
    errors: errors::TEXT,
    frame: frame::TEXT,
    health: health::TEXT,
    images: images::TEXT,
    storage: storage::TEXT,
    learning: learning::TEXT,
    neighbours: neighbours::TEXT,
    settings: settings::TEXT,
    share: share::TEXT,
    terms: terms::TEXT,
    tour: tour::TEXT,
    training: training::TEXT,
    weights: weights::TEXT,
};
